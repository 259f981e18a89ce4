<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Doctor\Probes\FirstFrame;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;

/**
 * Checks the server itself, without a proxy: whether it runs, and on this configuration.
 */
final readonly class Server implements Check
{
    private const RESTART = 'php artisan reverb:restart, once its process manager will start it again';

    private const UNKNOWN_APP = 4001;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

    public function run(): CheckResult
    {
        $url = $this->context->server->url();

        if (! $this->probes->isServerHere()) {
            return $this->elsewhere($url);
        }

        return $this->olderConfiguration($url) ?? CheckResult::ok("{$url} answers, and has the app");
    }

    private function elsewhere(string $url): CheckResult
    {
        $health = $this->probes->health();
        $isSilent = $health instanceof Unreachable && $health->error === ConnectionError::Silent && $this->probes->listener()?->isBun() === true;

        return match (true) {
            $this->probes->canPublish() => CheckResult::ok("not on this machine; it answers at {$this->context->publisher?->address->url()}"),
            $this->probes->isPortForeign() => CheckResult::hint(Code::NotJudged, $url, 'Not judged: another program has its port.', 'See port.'),
            $isSilent => CheckResult::problem(Code::NoAnswer, $url, 'A server has the port and does not answer.', 'php artisan reverb:restart; if that changes nothing, end it by its pid (see port) and start it again'),
            default => CheckResult::problem(Code::ServerNotRunning, $url, 'The server is not running.', Diagnosis::START),
        };
    }

    private function olderConfiguration(string $url): ?CheckResult
    {
        $call = $this->probes->call();
        $socket = $this->probes->socket();
        $firstFrame = $socket instanceof Reply ? FirstFrame::in($socket->body) : null;

        $refusal = $call instanceof Reply ? $call->refusal() : '';

        $what = match (true) {
            ! $this->probes->isHealthy() => 'path',
            $refusal === 'request-unknown-app' => 'app id',
            $refusal === 'request-signature' => 'secret',
            $firstFrame?->code === self::UNKNOWN_APP => 'app key',
            default => null,
        };

        return $what === null ? null : CheckResult::problem(Code::ConfigurationOlder, $url, "It runs on an older configuration: with another {$what}.", self::RESTART);
    }
}
