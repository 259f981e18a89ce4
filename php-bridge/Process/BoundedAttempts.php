<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Throwable;

/**
 * Keeps something that blocks until it fails, such as a cache whose host does not answer, from taking more than a fifth of the
 * supervisor's time.
 */
final class BoundedAttempts
{
    /** So many times as long as a failed attempt has taken, there is no other. */
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
     * @throws Throwable what it throws
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
