<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\Publisher as Account;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Doctor\Probes\Endpoint;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;

/**
 * Sends a signed request to the address where Laravel publishes: `/apps/{id}`.
 */
final readonly class Publisher implements Check
{
    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Diagnosis $diagnosis,
    ) {}

    public function run(): CheckResult
    {
        $publisher = $this->context->publisher;
        $answer = $this->probes->publisher();

        if ($publisher === null || $answer === null) {
            return CheckResult::problem(Code::PublisherMissing, 'no address to publish to', $this->context->publisherFault, 'See addresses.');
        }

        $endpoint = new Endpoint($publisher->address, $publisher->address->url("/apps/{$publisher->id}"), '/apps', $publisher->prefix);

        return match (true) {
            $answer instanceof Unreachable => $this->diagnosis->unreachable($endpoint, $answer),
            $this->probes->canPublish() => CheckResult::ok("{$endpoint->url} answers a signed call"),
            default => $this->refusal($endpoint, $answer, $publisher) ?? $this->diagnosis->strange($endpoint, $answer),
        };
    }

    /** The refusal of the server itself, or null if the response is not one. */
    private function refusal(Endpoint $endpoint, Reply $reply, Account $publisher): ?CheckResult
    {
        return match ($reply->refusal()) {
            'request-timestamp' => CheckResult::problem(Code::ClockOff, $endpoint->url, "The server refuses the time of this machine: over {$this->context->timestampTolerance()} seconds off are not allowed.", 'timedatectl set-ntp true, on both machines'),
            'request-signature' => $this->signatureRefused($endpoint, ...$reply->refusesKey() ? ['key', 'APP_KEY'] : ['secret', 'APP_SECRET']),
            'request-unknown-app' => CheckResult::problem(
                Code::AppUnknown,
                $endpoint->url,
                "The server has no app with the id {$publisher->id}.",
                $this->context->env->place("{$publisher->prefix}_APP_ID").$this->diagnosis->thenRestart(),
            ),
            'request-app-disabled' => CheckResult::problem(Code::AppDisabled, $endpoint->url, "The app {$publisher->id} is disabled.", "config/reverb.php: apps.apps.*.enabled => true{$this->diagnosis->thenRestart()}"),
            'request-rate' => CheckResult::warning(Code::RateLimited, $endpoint->url, 'The app is over its rate of requests.', "config/reverb.php: apps.apps.*.request_rate_limiting{$this->diagnosis->thenRestart()}"),
            default => null,
        };
    }

    private function signatureRefused(Endpoint $endpoint, string $what, string $variable): CheckResult
    {
        return CheckResult::problem(
            Code::SignatureRefused,
            $endpoint->url,
            "The server refuses the signature: it has another {$what} for this app.",
            $this->context->env->place("{$endpoint->prefix}_{$variable}").$this->diagnosis->thenRestart(),
        );
    }
}
