<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Setup\Address;
use Revurb\Doctor\Setup\Setup;

/**
 * Whether the server has its port, or could have it.
 */
final readonly class Port implements Check
{
    private const HIGHEST = 65_535;

    private const NEAR = 20;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
    ) {}

    public function look(): Finding
    {
        $where = $this->setup->server->authority();
        $port = $this->setup->server->port;

        return match (true) {
            $port < 1 || $port > self::HIGHEST => Finding::problem(Code::PortInvalid, $where, "{$port} is no port.", $this->setup->env->change('REVERB_SERVER_PORT', '8080')),
            $this->hops->isServerHere() => Finding::ok("{$where}, held by the server{$this->holder()}"),
            $this->hops->doesPublisherArrive() => Finding::ok("{$where}, not needed: the server is on another machine"),
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

        [$code, $fault, $fix] = match (true) {
            str_contains((string) $reason, 'in use') => [Code::PortTaken, $this->taken(), $this->anotherPort()],
            str_contains((string) $reason, 'denied') => [
                Code::PortPrivileged,
                'Ports below 1024 need privileges.',
                "{$this->setup->env->change('REVERB_SERVER_PORT', '8080')}, and a proxy in front of it",
            ],
            default => [
                Code::ListenHostUnknown,
                "{$this->setup->server->host} is no address of this machine.",
                $this->setup->env->change('REVERB_SERVER_HOST', '0.0.0.0'),
            ],
        };

        return Finding::problem($code, $where, $fault, $fix);
    }

    private function taken(): string
    {
        return $this->hops->listener()?->isBun() === true
            ? "A server with another configuration, or one that does not answer, listens there{$this->holder()}."
            : "Another program listens there{$this->holder()}, which is not this server.";
    }

    private function anotherPort(): string
    {
        $env = $this->setup->env;
        $free = $this->free();

        if ($free === null) {
            return "End it, or {$env->choose('REVERB_SERVER_PORT', 'a free port')}";
        }

        $publisher = $this->setup->publisher;
        $follows = $publisher !== null && $this->setup->isOwnDoor($publisher->address)
            ? " and {$env->change("{$publisher->prefix}_PORT", (string) $free)}"
            : ', and the same port in the proxy';

        return "End it, or {$env->change('REVERB_SERVER_PORT', (string) $free)}{$follows}";
    }

    /** The next port that is free, where there is one near. */
    private function free(): ?int
    {
        $server = $this->setup->server;

        for ($port = $server->port + 1; $port <= min($server->port + self::NEAR, self::HIGHEST); $port++) {
            $socket = @stream_socket_server('tcp://'.(new Address(false, $server->host, $port))->authority());

            if ($socket !== false) {
                fclose($socket);

                return $port;
            }
        }

        return null;
    }

    private function holder(): string
    {
        $listener = $this->hops->listener();

        return $listener === null ? '' : " ({$listener->name}, pid {$listener->pid})";
    }
}
