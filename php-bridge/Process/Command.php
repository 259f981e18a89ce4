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

    public function program(): string
    {
        return $this->arguments[0] ?? '';
    }

    /** What the program runs: the first argument that is no option. */
    public function script(): ?string
    {
        foreach (array_slice($this->arguments, 1) as $argument) {
            if (! str_starts_with($argument, '-')) {
                return $argument;
            }
        }

        return null;
    }
}
