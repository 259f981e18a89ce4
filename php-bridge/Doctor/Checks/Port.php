<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Listener;
use Revurb\Doctor\Setup\Setup;

/**
 * Whether the server has its port, or could have it.
 */
final readonly class Port implements Check
{
    private const HIGHEST = 65_535;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
    ) {}

    public function look(): Finding
    {
        $where = $this->setup->server->authority();

        $port = $this->setup->server->port;

        return match (true) {
            $port < 1 || $port > self::HIGHEST => Finding::problem($where, "{$port} is no port.", $this->setup->env->change('REVERB_SERVER_PORT', '8080')),
            $this->hops->isServerHere() => Finding::ok("{$where}, held by the server{$this->holder()}"),
            default => $this->tryIt($where),
        };
    }

    private function tryIt(string $where): Finding
    {
        $socket = @stream_socket_server("tcp://{$where}", $code, $reason);

        if ($socket !== false) {
            fclose($socket);

            return Finding::ok("{$where}, free");
        }

        [$fault, $fix] = match (true) {
            str_contains((string) $reason, 'in use') => [
                "Another program listens there{$this->holder()}, or a server with an older configuration.",
                "End it, or {$this->setup->env->choose('REVERB_SERVER_PORT', 'a free port')}",
            ],
            str_contains((string) $reason, 'denied') => [
                'Ports below 1024 need privileges.',
                "{$this->setup->env->change('REVERB_SERVER_PORT', '8080')}, and a proxy in front of it",
            ],
            default => [
                "{$this->setup->server->host} is no address of this machine.",
                $this->setup->env->change('REVERB_SERVER_HOST', '0.0.0.0'),
            ],
        };

        return Finding::problem($where, $fault, $fix);
    }

    private function holder(): string
    {
        $listener = Listener::on($this->setup->server->port);

        return $listener === null ? '' : " ({$listener->name}, pid {$listener->pid})";
    }
}
