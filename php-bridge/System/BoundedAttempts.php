<?php

declare(strict_types=1);

namespace Revurb\System;

use Closure;
use Throwable;

/**
 * Bounds the time that attempts take which block until they fail, such as reading a cache whose host does not answer: no more than a fifth
 * of the supervisor's time.
 */
final class BoundedAttempts
{
    /** After a failed attempt the next one waits for four times as long as that attempt took. */
    private const PAUSE = 4.0;

    private float $nextAt = -INF;

    public function __construct(private readonly Clock $clock) {}

    public function isDue(): bool
    {
        return $this->clock->now() >= $this->nextAt;
    }

    /**
     * @template T
     *
     * @param  Closure(): T  $do
     * @return T
     *
     * @throws Throwable what `$do` throws
     */
    public function run(Closure $do): mixed
    {
        $began = $this->clock->now();

        try {
            return Signals::blockDuring($do);
        } catch (Throwable $exception) {
            $now = $this->clock->now();
            $this->nextAt = $now + self::PAUSE * ($now - $began);

            throw $exception;
        }
    }
}
