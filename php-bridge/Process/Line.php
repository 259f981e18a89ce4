<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * One line of the child's output. What it writes to stderr was not foreseen and comes in pieces as they are.
 */
final readonly class Line
{
    /** @param  bool  $isTooLong  it was longer than a line may be, and is empty here */
    public function __construct(
        public string $text,
        public bool $isError = false,
        public bool $isTooLong = false,
    ) {}
}
