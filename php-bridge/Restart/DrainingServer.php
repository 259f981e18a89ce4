<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Server\Child;
use Revurb\System\Clock;
use Revurb\System\StopRequest;

/**
 * The server of the previous run, while its successor takes over: it drains once the successor listens, and is killed if that takes too
 * long.
 */
final class DrainingServer
{
    /** Seconds after its own deadline at which a draining server counts as hung. */
    public const GRACE_SECONDS = 5.0;

    /** Seconds between two checks while its successor serves. */
    private const POLL_SECONDS = 0.5;

    /** Seconds between two checks when there is nothing else to wait for. */
    private const AWAIT_SECONDS = 0.01;

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

    /** Seconds after which `isOver()` is to be asked again. */
    public function secondsToPoll(): float
    {
        return $this->hasBegun() ? self::POLL_SECONDS : INF;
    }

    /** Waits until the server has drained and exited. */
    public function await(StopRequest $stop): void
    {
        $this->begin();

        while (! $this->isOver(self::AWAIT_SECONDS)) {
            if ($stop->isImmediate()) {
                $this->server->kill();
            }
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
