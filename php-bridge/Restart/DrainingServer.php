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
    /** Seconds after its own deadline at which a draining server counts as hung. */
    public const GRACE_SECONDS = 5.0;

    private ?float $killAt = null;

    /** @param  float  $drainSeconds  after which the server itself closes what is left */
    public function __construct(
        public readonly Child $server,
        private readonly Clock $clock,
        private readonly float $drainSeconds,
    ) {}

    public function hasBegun(): bool
    {
        return $this->killAt !== null;
    }

    /** Starts the drain on the first call and does nothing on later ones. */
    public function begin(): void
    {
        if ($this->killAt === null) {
            $this->killAt = $this->clock->now() + $this->drainSeconds + self::GRACE_SECONDS;
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
