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

    /** By the server itself. */
    private function refusal(Way $way, Reply $reply, Account $publisher): ?Finding
    {
        return match ($reply->refusal()) {
            'request-timestamp' => Finding::problem(Code::ClockOff, $way->url, "The server refuses the time of this machine: over {$this->setup->timestampTolerance()} seconds off are not allowed.", 'timedatectl set-ntp true, on both machines'),
            'request-signature' => Finding::problem(
                Code::SignatureRefused,
                $way->url,
                'The server refuses the signature: it knows another key or secret for this app.',
                "{$this->setup->env->place("{$publisher->prefix}_APP_SECRET")}; then php artisan reverb:restart",
            ),
            'request-unknown-app' => Finding::problem(
                Code::AppUnknown,
                $way->url,
                "The server knows no app with the id {$publisher->id}.",
                "{$this->setup->env->place("{$publisher->prefix}_APP_ID")}; then php artisan reverb:restart",
            ),
            'request-app-disabled' => Finding::problem(Code::AppDisabled, $way->url, "The app {$publisher->id} is disabled.", 'config/reverb.php: apps.apps.*.enabled => true'),
            'request-rate' => Finding::warning(Code::RateLimited, $way->url, 'The app is over its rate of requests.', 'config/reverb.php: apps.apps.*.request_rate_limiting'),
            default => null,
        };
    }
}
