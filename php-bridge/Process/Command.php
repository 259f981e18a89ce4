<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * What to run, and what to tell it. The document goes over stdin, since anybody can read arguments.
 */
final readonly class Command
{
    /**
     * @param  list<string>  $arguments
     * @param  array<string, string>  $environment  all of it: nothing is inherited
     */
    public function __construct(
        public array $arguments,
        public string $directory,
        public array $environment,
        public string $document,
    ) {}
}
