<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Server\Child;
use Revurb\System\Clock;

/**
 * The server of the previous run, while its successor takes over: it drains once the successor listens, and is killed if that takes too
 * long.
 */
final class DrainingServer
{
    private ?float $killAt = null;

    public function __construct(
        public readonly Child $server,
        private readonly Clock $clock,
        private readonly float $seconds,
    ) {}

    public function hasBegun(): bool
    {
        return $this->killAt !== null;
    }

    /** Starts the drain on the first call and does nothing on later ones. */
    public function begin(): void
    {
        if ($this->killAt === null) {
            $this->killAt = $this->clock->now() + $this->seconds;
            $this->server->drain();
        }
    }

    /** Whether the server has exited; waits for that many seconds at most. */
    public function isOver(float $timeout = 0.0): bool
    {
        $this->server->wait($timeout);

        if ($this->killAt !== null && $this->clock->now() >= $this->killAt) {
            $this->server->kill();
            $this->killAt = INF;
        }

        return $this->server->exitCode() !== null;
    }
}
