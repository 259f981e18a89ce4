<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Closure;

/**
 * A short task that the supervisor runs every few seconds while it waits for the server.
 */
final readonly class PeriodicTask
{
    /** @param  Closure(): mixed  $do */
    public function __construct(
        public float $everySeconds,
        public Closure $do,
    ) {}
}
