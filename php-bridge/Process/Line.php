<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * One line of the child's output. What it writes to stderr was not foreseen and comes in pieces as they are.
 */
final readonly class Line
{
    public function __construct(
        public string $text,
        public bool $isError = false,
    ) {}
}
