<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\FirstFrame;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Remedies;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Restart\SelfExec;

/**
 * Checks the server itself, without a proxy: whether it runs, and on this configuration.
 */
final readonly class Server implements Check
{
    private const UNKNOWN_APP = 4001;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private SelfExec $selfExec,
    ) {}

    public function run(): CheckResult
    {
        $url = $this->context->server->url();

        if (! $this->probes->isServerHere()) {
            return $this->elsewhere($url);
        }

        return $this->olderConfiguration($url) ?? $this->degraded($url) ?? CheckResult::ok("{$url} answers, and has the app");
    }

    private function elsewhere(string $url): CheckResult
    {
        $health = $this->probes->health();
        $isSilent = $health instanceof Unreachable && $health->error === ConnectionError::Silent && $this->probes->listener()?->isBun() === true;

        return match (true) {
            $this->probes->canPublish() => CheckResult::ok("not on this machine; it answers at {$this->context->publisher?->address->url()}"),
            $this->probes->isPortForeign() => CheckResult::hint(Code::NotJudged, $url, 'Not judged: another program has its port.', 'See port.'),
            $isSilent => CheckResult::problem(Code::NoAnswer, $url, 'A server has the port and does not answer.', 'php artisan reverb:restart; if that changes nothing, end it by its pid (see port) and start it again'),
            default => CheckResult::problem(Code::ServerNotRunning, $url, 'The server is not running.', Remedies::START),
        };
    }

    private function olderConfiguration(string $url): ?CheckResult
    {
        $call = $this->probes->call();
        $socket = $this->probes->socket();
        $firstFrame = $socket instanceof Reply ? FirstFrame::in($socket->body) : null;

        $call = $call instanceof Reply ? $call : null;

        $others = match (true) {
            ! $this->probes->isHealthy() => ['another path'],
            $call?->refusal() === 'request-unknown-app' => ['another app id'],
            default => [
                ...$call?->refusesKey() === true || $firstFrame?->code === self::UNKNOWN_APP ? ['another app key'] : [],
                ...$call?->refusesSecret() === true ? ['another secret'] : [],
            ],
        };

        return $others === [] ? null : CheckResult::problem(Code::ConfigurationOlder, $url, 'It runs on an older configuration: with '.implode(' and ', $others).'.', $this->restart());
    }

    /** The check of Redis tries the settings that this command reads, and the server may have been started with others. */
    private function degraded(string $url): ?CheckResult
    {
        return $this->probes->isDegraded() ? CheckResult::problem(
            Code::ServerDegraded,
            $url,
            'It exchanges no events with the other servers: it does not reach the Redis of scaling, or that is slow (/ready is degraded).',
            'See redis. If Redis answers there, the server runs with other settings: stop this server and start it again',
        ) : null;
    }

    private function restart(): string
    {
        return 'php artisan reverb:restart'.($this->selfExec->isPossible() ? '' : ', which here only stops the server: its process manager has to start it again');
    }
}
