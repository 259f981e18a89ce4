<?php

declare(strict_types=1);

namespace Revurb\Install;

/**
 * Commands that `reverb:install` did not run, or that failed, and why.
 */
final readonly class Remaining
{
    /**
     * @param  string  $reason  a clause that follows "as"
     * @param  list<string>  $commands  to run in this order, in the folder of the application
     * @param  bool  $isFailure  whether they should have run; false if they were not wanted
     */
    public function __construct(
        public string $reason,
        public array $commands,
        public bool $isFailure = false,
    ) {}
}
