<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;

/**
 * Something small that the supervisor does now and then, between two looks at the child.
 */
final readonly class PeriodicTask
{
    /** @param  Closure(): mixed  $do */
    public function __construct(
        public float $everySeconds,
        public Closure $do,
    ) {}
}
