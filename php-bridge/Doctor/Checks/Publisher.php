<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Diagnosis;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Hops\Reply;
use Revurb\Doctor\Hops\Unreachable;
use Revurb\Doctor\Hops\Way;
use Revurb\Doctor\Setup\Publisher as Account;
use Revurb\Doctor\Setup\Setup;

/**
 * The way of Laravel: a signed call on `/apps/{id}`, where events are published.
 */
final readonly class Publisher implements Check
{
    public function __construct(
        private Setup $setup,
        private Hops $hops,
        private Diagnosis $diagnosis,
    ) {}

    public function look(): Finding
    {
        $publisher = $this->setup->publisher;
        $answer = $this->hops->publisher();

        if ($publisher === null || $answer === null) {
            return Finding::problem(Code::PublisherMissing, 'no address to publish to', $this->setup->publisherFault, 'See addresses.');
        }

        $way = new Way($publisher->address, $publisher->address->url("/apps/{$publisher->id}"), '/apps', $publisher->prefix);

        return match (true) {
            $answer instanceof Unreachable => $this->diagnosis->unreachable($way, $answer),
            $this->hops->doesPublisherArrive() => Finding::ok("{$way->url} answers a signed call"),
            default => $this->refusal($way, $answer, $publisher) ?? $this->diagnosis->strange($way, $answer),
        };
    }

    /** What the server itself has said. */
    private function refusal(Way $way, Reply $reply, Account $publisher): ?Finding
    {
        return match (true) {
            $reply->status === 401 && str_contains($reply->body, 'auth_timestamp') => Finding::problem(Code::ClockOff, $way->url, $reply->body, 'timedatectl set-ntp true, on both machines'),
            $reply->status === 401 && str_starts_with($reply->body, 'Authentication signature invalid') => Finding::problem(
                Code::SignatureRefused,
                $way->url,
                'The server refuses the signature: it knows another key or secret for this app.',
                "{$this->setup->env->place("{$publisher->prefix}_APP_SECRET")}; then php artisan reverb:restart",
            ),
            $reply->status === 404 && str_starts_with($reply->body, 'No matching application') => Finding::problem(
                Code::AppUnknown,
                $way->url,
                "The server knows no app with the id {$publisher->id}.",
                "{$this->setup->env->place("{$publisher->prefix}_APP_ID")}; then php artisan reverb:restart",
            ),
            $reply->status === 403 && str_contains($reply->body, 'is disabled') => Finding::problem(Code::AppDisabled, $way->url, "The app {$publisher->id} is disabled.", 'config/reverb.php: apps.apps.*.enabled => true'),
            $reply->status === 429 => Finding::warning(Code::RateLimited, $way->url, 'The app is over its rate of requests.', 'config/reverb.php: apps.apps.*.request_rate_limiting'),
            default => null,
        };
    }
}
