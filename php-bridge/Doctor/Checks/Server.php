<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Diagnosis;
use Revurb\Doctor\Hops\Greeting;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Hops\Reply;
use Revurb\Doctor\Hops\Trouble;
use Revurb\Doctor\Hops\Unreachable;
use Revurb\Doctor\Setup\Setup;

/**
 * The server itself, with no proxy between: whether it runs, and on this configuration.
 */
final readonly class Server implements Check
{
    private const RESTART = 'php artisan reverb:restart, once its process manager will start it again';

    private const UNKNOWN_APP = 4001;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
    ) {}

    public function look(): Finding
    {
        $url = $this->setup->server->url();

        if (! $this->hops->isServerHere()) {
            return $this->elsewhere($url);
        }

        return $this->olderConfiguration($url) ?? Finding::ok("{$url} answers, and knows the app");
    }

    private function elsewhere(string $url): Finding
    {
        $health = $this->hops->health();
        $isSilent = $health instanceof Unreachable && $health->trouble === Trouble::Silent && $this->hops->listener()?->isBun() === true;

        return match (true) {
            $this->hops->doesPublisherArrive() => Finding::ok("not on this machine; it answers at {$this->setup->publisher?->address->url()}"),
            $this->hops->isPortForeign() => Finding::hint(Code::NotJudged, $url, 'Not judged: another program has its port.', 'See port.'),
            $isSilent => Finding::problem(Code::NoAnswer, $url, 'A server has the port and does not answer.', 'php artisan reverb:restart; if that changes nothing, end it by its pid (see port) and start it again'),
            default => Finding::problem(Code::ServerNotRunning, $url, 'The server is not running.', Diagnosis::START),
        };
    }

    private function olderConfiguration(string $url): ?Finding
    {
        $call = $this->hops->call();
        $socket = $this->hops->socket();
        $greeting = $socket instanceof Reply ? Greeting::in($socket->body) : null;

        $refusal = $call instanceof Reply ? $call->refusal() : '';

        $what = match (true) {
            ! $this->hops->isHealthy() => 'path',
            $refusal === 'request-unknown-app' => 'app id',
            $refusal === 'request-signature' => 'secret',
            $greeting?->code === self::UNKNOWN_APP => 'app key',
            default => null,
        };

        return $what === null ? null : Finding::problem(Code::ConfigurationOlder, $url, "It runs on an older configuration: with another {$what}.", self::RESTART);
    }
}
