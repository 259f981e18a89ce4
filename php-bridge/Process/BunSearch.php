<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * Finds a Bun that works and is new enough. One that was asked for by name is that one or none.
 */
final readonly class BunSearch
{
    public const MINIMUM = '1.4.0';

    /**
     * @param  string|null  $variable  REVURB_BUN of this process: a file, or a name to look up in PATH
     * @param  string  $path  as in the environment: folders between colons, or semicolons on Windows
     * @param  list<string>  $homes  where the user who runs this may have installed it
     */
    public function __construct(
        private VersionProbe $probe,
        private string $basePath,
        private ?string $variable = null,
        private string $path = '',
        private array $homes = [],
        private Platform $platform = new Platform,
    ) {}

    /**
     * @param  string|null  $configured  what the configuration names. It is the same in every process of an application, as a
     *                                   variable is not, and so comes first
     *
     * @throws NoBun
     */
    public function find(?string $configured = null): string
    {
        $named = $configured ?? $this->variable;

        return $named === null ? $this->firstThatWorks() : $this->only($named);
    }

    private function only(string $named): string
    {
        $file = $this->platform->isPath($named) ? $named : $this->inPath($named) ?? $named;

        if (! is_file($file)) {
            throw NoBun::asNamed($named, 'there is no such file');
        }

        $fault = $this->fault($file);

        return $fault === null ? $file : throw NoBun::asNamed($named, $fault);
    }

    private function firstThatWorks(): string
    {
        $faults = [];

        foreach ($this->candidates() as $file) {
            if (! is_file($file)) {
                continue;
            }

            $fault = $this->fault($file);

            if ($fault === null) {
                return $file;
            }

            $faults[] = "{$file} {$fault}";
        }

        throw NoBun::anywhere($faults);
    }

    /** @return list<string> in the order of preference */
    private function candidates(): array
    {
        $bun = $this->platform->program('bun');

        return array_values(array_filter([
            "{$this->basePath}/node_modules/.bin/{$bun}",
            // npm on Windows has only scripts in .bin.
            ...$this->platform->isWindows() ? ["{$this->basePath}/node_modules/bun/bin/{$bun}"] : [],
            // Where npm leaves the real one if it did not run the install script.
            ...glob("{$this->basePath}/node_modules/@oven/bun-*/bin/{$bun}") ?: [],
            $this->inPath('bun'),
            ...array_map(static fn (string $home): string => "{$home}/.bun/bin/{$bun}", $this->homes),
        ]));
    }

    private function inPath(string $name): ?string
    {
        foreach (array_filter(explode($this->platform->pathSeparator(), $this->path)) as $folder) {
            foreach ($this->platform->commands($name) as $command) {
                if ($this->platform->isExecutable($file = "{$folder}/{$command}")) {
                    return $file;
                }
            }
        }

        return null;
    }

    private function fault(string $file): ?string
    {
        $version = $this->probe->versionOf($file);

        return match (true) {
            $version === null => 'does not run',
            version_compare($version, self::MINIMUM, '<') => "is {$version}",
            default => null,
        };
    }
}
