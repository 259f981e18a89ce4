<?php

declare(strict_types=1);

namespace Revurb\Server;

use Revurb\Bun\FoundBun;

/**
 * The bundled server and the command that runs it. It runs outside of the application's directory, whose .env and bunfig.toml Bun would
 * read, and with a small environment of its own, since Laravel has put the whole .env into the environment of this process.
 */
final readonly class ServerScript
{
    private const KEPT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NO_COLOR', 'FORCE_COLOR'];

    /** @param  array<array-key, mixed>  $environment  the environment of this process */
    public function __construct(
        private string $file,
        private array $environment,
    ) {}

    /**
     * @param  string  $subcommand  `start`, or `check`, which starts nothing
     *
     * @throws UnusableScript
     */
    public function command(FoundBun $bun, string $document, string $subcommand = 'start'): Command
    {
        if (($fault = UnusableScript::of($this->file)) !== null) {
            throw $fault;
        }

        return new Command(
            [$bun->file, '--no-env-file', $this->file, $subcommand],
            dirname($this->file),
            array_filter(array_intersect_key($this->environment, array_flip(self::KEPT)), is_string(...)),
            $document,
            $bun->isNamed(),
        );
    }
}
