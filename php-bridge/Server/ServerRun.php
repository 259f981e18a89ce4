<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * One server, from its launch to its exit.
 */
final class ServerRun
{
    /** When it began to listen; null before. */
    public ?float $readyAt = null;

    /** Whether it has logged an error, so that the reason for its exit need not be logged a second time. */
    public bool $hasLoggedError = false;

    /** The Unix socket on which it waits for its successor; null until it is to be handed over. */
    private ?string $handoffSocket = null;

    /** Its process id, once it accepts a successor. */
    private ?int $handedOver = null;

    /**
     * @param  string  $address  where it listens, host:port; until then, where the one before it did
     * @param  float  $killAt  when it is killed if it neither listens nor, while it drains, exits before; INF for never
     * @param  int  $crashes  how many servers before it have crashed in a row
     */
    public function __construct(
        public readonly Child $child,
        public string $address,
        public float $killAt = INF,
        private readonly int $crashes = 0,
    ) {}

    /**
     * The server of the previous run of this process, which was handed over and continues to serve.
     *
     * @param  string  $socket  on which it still waits
     */
    public static function handedOver(Child $child, string $address, string $socket, int $pid, float $now): self
    {
        $server = new self($child, $address);
        $server->readyAt = $now;
        $server->handoffSocket = $socket;
        $server->handedOver = $pid;

        return $server;
    }

    /** Null if no commands can be sent to it. */
    public function pipes(): ?PipedChild
    {
        return $this->child instanceof PipedChild ? $this->child : null;
    }

    /** Seconds for which it has listened. */
    public function uptime(float $now): float
    {
        return $now - ($this->readyAt ?? $now);
    }

    /** How many servers have crashed in a row before this one. One that was healthy for a while begins a new row. */
    public function crashesBefore(float $now, float $healthySeconds): int
    {
        return $this->uptime($now) >= $healthySeconds ? 0 : $this->crashes;
    }

    /**
     * The socket on which it waits, or is to wait. It is made once: a server that was handed over keeps its socket.
     *
     * @param  callable(): string  $new
     */
    public function handoffSocket(callable $new): string
    {
        return $this->handoffSocket ??= $new();
    }

    /** @return int|null its process id; null if it did not accept the command */
    public function handOver(string $socket): ?int
    {
        return $this->handedOver ??= $this->pipes()?->handOver($socket);
    }
}
