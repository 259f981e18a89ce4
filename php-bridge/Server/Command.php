<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * The command of a server and its document. The document is passed over stdin, since every user of the machine can read arguments.
 */
final readonly class Command
{
    /**
     * @param  list<string>  $arguments
     * @param  array<string, string>  $environment  the whole environment; nothing is inherited
     * @param  bool  $isProgramNamed  whether the configuration names the program, so that no other one is searched for
     */
    public function __construct(
        public array $arguments,
        public string $directory,
        public array $environment,
        public string $document,
        public bool $isProgramNamed = false,
    ) {}

    public function program(): string
    {
        return $this->arguments[0] ?? '';
    }

    /** The first argument that is no option. */
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
