<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Bridge\Schema;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\SystemError;

/**
 * Whether the server has its port, or could open it.
 */
final readonly class Port implements Check
{
    private const HIGHEST = 65_535;

    private const NEAR = 20;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

    public function run(): CheckResult
    {
        $where = $this->context->server->authority();
        $port = $this->context->server->port;

        return match (true) {
            $port < 1 || $port > self::HIGHEST => CheckResult::problem(Code::PortInvalid, $where, "{$port} is no port.", $this->change('port', (string) Schema::DEFAULTS['servers.reverb.port'])),
            $this->probes->isServerHere() => CheckResult::ok("{$where}, held by the server{$this->holder()}"),
            $this->probes->canPublish() => CheckResult::ok("{$where}, not needed: the server is on another machine"),
            default => $this->tryIt($where),
        };
    }

    private function tryIt(string $where): CheckResult
    {
        $socket = @stream_socket_server("tcp://{$where}", $number);

        if ($socket !== false) {
            fclose($socket);

            return CheckResult::ok("{$where}, free");
        }

        [$code, $fault, $fix] = match (SystemError::tryFromNumber((int) $number) ?? ($this->canListenElsewhere() ? SystemError::AddressInUse : null)) {
            SystemError::AddressInUse => [Code::PortTaken, $this->taken(), $this->anotherPort()],
            SystemError::PermissionDenied => [
                Code::PortPrivileged,
                'Ports below 1024 need privileges.',
                $this->change('port', (string) Schema::DEFAULTS['servers.reverb.port']).', and a proxy in front of it',
            ],
            default => [
                Code::ListenHostUnknown,
                "{$this->context->server->host} is no address of this machine.",
                $this->change('host', Schema::DEFAULTS['servers.reverb.host']),
            ],
        };

        return CheckResult::problem($code, $where, $fault, $fix);
    }

    /** Whether any port of the host can be opened. PHP has no number for an error of listen(), which is that of a port in use. */
    private function canListenElsewhere(): bool
    {
        $socket = @stream_socket_server('tcp://'.(new Address(false, $this->context->server->host, 0))->authority());

        return $socket !== false && fclose($socket);
    }

    private function taken(): string
    {
        return $this->probes->listener()?->isBun() === true
            ? "A server with another configuration, or one that does not answer, listens there{$this->holder()}."
            : "Another program listens there{$this->holder()}, which is not this server.";
    }

    private function anotherPort(): string
    {
        $free = $this->free();

        if ($free === null) {
            return 'End it, or '.($this->context->overrides->port === null ? $this->context->env->choose('REVERB_SERVER_PORT', 'a free port') : 'another --port');
        }

        $publisher = $this->context->publisher;
        $follows = $publisher !== null && $this->context->isServerItself($publisher->address)
            ? " and {$this->context->env->change("{$publisher->prefix}_PORT", (string) $free)}"
            : ', and the same port in the proxy';

        return "End it, or {$this->change('port', (string) $free)}{$follows}";
    }

    /**
     * The option if it was given, since it wins over .env; otherwise the line of its variable.
     *
     * @param  'host'|'port'  $option
     */
    private function change(string $option, string $value): string
    {
        return $this->context->overrides->$option === null
            ? $this->context->env->change('REVERB_SERVER_'.strtoupper($option), $value)
            : "--{$option}={$value} or no --{$option}";
    }

    /** The next free port, if there is one nearby. */
    private function free(): ?int
    {
        $server = $this->context->server;

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
        $listener = $this->probes->listener();

        return $listener === null ? '' : " ({$listener->name}, pid {$listener->pid})";
    }
}
