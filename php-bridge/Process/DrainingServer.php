<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * How a server of an earlier run leaves: told to once the next one listens, and ended when it takes too long.
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

    /** Once. */
    public function begin(): void
    {
        if ($this->killAt === null) {
            $this->killAt = $this->clock->now() + $this->seconds;
            $this->server->drain();
        }
    }

    /** Whether it has gone; waits for it so many seconds at most. */
    public function isOver(float $patience = 0.0): bool
    {
        $this->server->wait($patience);

        if ($this->killAt !== null && $this->clock->now() >= $this->killAt) {
            $this->server->kill();
            $this->killAt = INF;
        }

        return $this->server->exitCode() !== null;
    }
}
