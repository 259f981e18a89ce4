<?php

declare(strict_types=1);

namespace Revurb\Bun;

use Revurb\System\Platform;

/**
 * Finds a Bun that works and is new enough. If one is configured by name, no other one is tried.
 */
final readonly class BunFinder
{
    /**
     * @param  string|null  $variable  REVURB_BUN of this process: a file, or a name to look up in PATH
     * @param  string  $path  as in the environment: folders between colons, or semicolons on Windows
     * @param  list<string>  $homes  home folders in which this user may have installed Bun
     * @param  BunStore|null  $store  what `reverb:bun --install` has stored
     */
    public function __construct(
        private VersionProbe $probe,
        private string $basePath,
        private ?string $variable = null,
        private string $path = '',
        private array $homes = [],
        private Platform $platform = new Platform,
        private ?BunStore $store = null,
    ) {}

    /**
     * @param  string|null  $configured  what the configuration names. Every process of an application reads the same one, which a
     *                                   variable does not ensure, so it comes first
     *
     * @throws BunNotFound
     */
    public function find(?string $configured = null): FoundBun
    {
        $named = $configured ?? $this->variable;

        return $named === null ? $this->firstThatWorks() : $this->only($named);
    }

    private function only(string $named): FoundBun
    {
        $file = $this->platform->isPath($named) ? $named : $this->inPath($named) ?? $named;

        $bun = $this->examine($file, BunPlace::Named);

        return $bun instanceof FoundBun ? $bun : throw BunNotFound::asNamed($named, $bun);
    }

    private function firstThatWorks(): FoundBun
    {
        $faults = [];

        foreach ($this->candidates() as $file => $place) {
            if (! @is_file($file)) {
                continue;
            }

            $bun = $this->examine($file, $place);

            if ($bun instanceof FoundBun) {
                return $bun;
            }

            $faults[$file] = $bun;
        }

        throw BunNotFound::anywhere($faults);
    }

    /** @return iterable<string, BunPlace> by the files, in the order of preference */
    private function candidates(): iterable
    {
        $inPath = $this->inPath('bun');
        $bun = $this->platform->program('bun');

        yield from array_fill_keys($this->store?->files() ?? [], BunPlace::Storage);
        yield from array_fill_keys($this->inNodeModules("{$this->basePath}/node_modules", $bun), BunPlace::NodeModules);
        yield from $inPath === null ? [] : [$inPath => BunPlace::Path];
        yield from array_fill_keys(array_map(static fn (string $home): string => "{$home}/.bun/bin/{$bun}", $this->homes), BunPlace::Home);
    }

    /** @return list<string> */
    private function inNodeModules(string $folder, string $bun): array
    {
        return [
            "{$folder}/.bin/{$bun}",
            // npm on Windows puts only scripts into .bin.
            ...$this->platform->isWindows() ? ["{$folder}/bun/bin/{$bun}"] : [],
            // npm and pnpm leave the executable here if they did not run the install script.
            ...glob("{$folder}/@oven/bun-*/bin/{$bun}") ?: [],
            ...glob("{$folder}/.pnpm/@oven+bun-*/node_modules/@oven/bun-*/bin/{$bun}") ?: [],
        ];
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

    private function examine(string $file, BunPlace $place): FoundBun|BunFault
    {
        $version = @is_file($file) ? $this->probe->versionOf($file) : null;

        return match (true) {
            $version === null => BunFault::of($file) ?? BunFault::unknown($file),
            version_compare($version, FoundBun::MINIMUM, '<') => BunFault::tooOld($version),
            default => new FoundBun($file, $version, $place),
        };
    }
}
