<?php

declare(strict_types=1);

namespace Revurb\Environment;

use Dotenv\Loader\Loader;
use Dotenv\Parser\Entry;
use Dotenv\Repository\Adapter\ArrayAdapter;
use Dotenv\Repository\RepositoryBuilder;

/**
 * The variables of an application as Laravel and as Vite read them, and the line to change for another value. It reads files only: with a
 * cached configuration Laravel does not load them, and `laravel()` is the value for the next cached configuration.
 */
final class Environment
{
    private const FOR_BROWSERS = 'VITE_';

    /** @var array<string, string>|null */
    private ?array $laravel = null;

    /** @var array<string, string>|null */
    private ?array $vite = null;

    /**
     * @param  EnvFile|null  $file  the file that Laravel loads; null if there is none
     * @param  list<EnvFile>  $viteFiles  the files that Vite loads; later ones win
     * @param  array<string, string>  $outer  the environment of the process, which wins over files
     * @param  bool  $isCached  whether the configuration has to be cached again after a change
     * @param  string|null  $devServer  the URL of Vite's dev server in public/hot; null without that file, which `npm run dev` writes and deletes
     */
    public function __construct(
        public readonly ?EnvFile $file,
        private readonly array $viteFiles = [],
        private readonly array $outer = [],
        private readonly bool $isCached = false,
        public readonly ?string $devServer = null,
    ) {}

    /** The value that `env()` returns, as a text; null if it is not set, empty, or the word `null`. */
    public function laravel(string $name): ?string
    {
        $value = ($this->laravel ??= $this->loaded())[$name] ?? '';
        $value = preg_match('/\A([\'"])(.*)\1\z/', $value, $quoted) === 1 ? $quoted[2] : $value;

        return in_array(strtolower($value), ['', 'null', '(null)', 'empty', '(empty)'], true) ? null : $value;
    }

    /** The value that is built into the assets; null if it is not set, and the empty text if it is empty. */
    public function vite(string $name): ?string
    {
        $this->vite ??= ViteValues::of(array_map(static fn (EnvFile $file): string => $file->text, $this->viteFiles), $this->outer);

        return $this->vite[$name] ?? null;
    }

    /**
     * The line to change, such as `.env:12 REVERB_PORT=8080`.
     *
     * @param  string  $remark  beside the value
     */
    public function change(string $name, string $value, string $remark = ''): string
    {
        return $this->line($name, EnvValue::quoted($value), $remark.$this->afterChange($name), $this->origin($name));
    }

    /** The same in the line that it refers to, so that other references to that line change too. */
    public function changeOrigin(string $name, string $value, string $remark = ''): string
    {
        return $this->line($this->origin($name), EnvValue::quoted($value), $remark.$this->afterChange($name), $this->origin($name));
    }

    /** The line to change with a value to choose, such as `.env:12 REVERB_PORT: a free port`. */
    public function choose(string $name, string $what): string
    {
        return "{$this->place($name)}: {$what}{$this->afterChange($name)}";
    }

    /** The line with a reference to another variable, such as `.env:12 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"`. */
    public function refer(string $name, string $other): string
    {
        return $this->line($name, EnvValue::reference($other), $this->afterChange($name), $other);
    }

    /** The place of a variable, such as `.env:12 REVERB_PORT`. */
    public function place(string $name): string
    {
        $found = $this->find($name);

        return match (true) {
            $this->isOuter($name) => "the environment of this process: {$name}",
            $found !== null => "{$found[0]->name}:{$found[1]->line} {$name}",
            $this->file !== null => "{$this->file->name}, a new line: {$name}",
            default => "the environment of this process: {$name}",
        };
    }

    /** The command that has to follow a change of that variable; empty if there is none. */
    public function afterChange(string $name): string
    {
        return match (true) {
            str_starts_with($name, self::FOR_BROWSERS) => ', and build the assets again (npm run build)',
            $this->isCached => ', and then php artisan config:cache',
            default => '',
        };
    }

    /** The variable that it refers to, if its line is nothing but `${OTHER}`; otherwise the variable itself. */
    public function origin(string $name): string
    {
        $seen = [];

        while (! in_array($name, $seen, true) && ! $this->isOuter($name)) {
            $seen[] = $name;
            $name = ($this->find($name)[1] ?? null)?->reference() ?? $name;
        }

        return $name;
    }

    /**
     * The line to change. If the file has it already, the configuration was cached before, or does not read the variable; and of one for
     * browsers, which it never reads, the assets were built before.
     *
     * @param  string  $read  the variable that the configuration has to read
     */
    private function line(string $name, string $written, string $behind, string $read): string
    {
        return match (true) {
            ! $this->has($name, $written) => "{$this->place($name)}={$written}{$behind}",
            str_starts_with($read, self::FOR_BROWSERS) => "npm run build, as {$this->place($read)} is right already",
            $this->isCached => 'php artisan config:cache, and then php artisan reverb:restart',
            default => "{$this->place($read)} is right already: the files in config/ must read it",
        };
    }

    /** Whether the file has that line in other words: Laravel and Vite would read nothing else in it. */
    private function has(string $name, string $written): bool
    {
        $found = $this->find($name)[0] ?? null;

        if ($found === null || $this->isOuter($name)) {
            return false;
        }

        $change = static fn (?EnvFile $file): ?EnvFile => $file?->name === $found->name ? $file->with($name, $written) : $file;
        $changed = new self($change($this->file), array_values(array_filter(array_map($change, $this->viteFiles))), $this->outer);

        return $changed->vite($name) === $this->vite($name)
            && (str_starts_with($name, self::FOR_BROWSERS) || $changed->laravel($name) === $this->laravel($name));
    }

    /** Whether the environment of the process has another value than the file, which is then ignored. */
    private function isOuter(string $name): bool
    {
        $outer = $this->outer[$name] ?? null;

        return $outer !== null && ($this->find($name) === null || $outer !== ($this->withoutOuter($name)));
    }

    private function withoutOuter(string $name): ?string
    {
        return str_starts_with($name, self::FOR_BROWSERS)
            ? ViteValues::of(array_map(static fn (EnvFile $file): string => $file->text, $this->viteFiles), array_diff_key($this->outer, [$name => true]))[$name] ?? null
            : $this->load(array_diff_key($this->outer, [$name => true]))[$name] ?? null;
    }

    /** @return array{EnvFile, Definition}|null */
    private function find(string $name): ?array
    {
        $files = str_starts_with($name, self::FOR_BROWSERS) ? array_reverse($this->viteFiles) : array_filter([$this->file]);

        foreach ($files as $file) {
            if (($definition = $file->definition($name)) !== null) {
                return [$file, $definition];
            }
        }

        return null;
    }

    /** @return array<string, string> */
    private function loaded(): array
    {
        return $this->load($this->outer);
    }

    /**
     * @param  array<string, string>  $outer
     * @return array<string, string>
     */
    private function load(array $outer): array
    {
        $adapter = ArrayAdapter::create()->get();
        $builder = RepositoryBuilder::createWithNoAdapters()->addAdapter($adapter);
        $given = $builder->make();

        foreach ($outer as $name => $value) {
            $given->set($name, $value);
        }

        $entries = array_map(static fn (Definition $definition): Entry => new Entry($definition->name, $definition->value), $this->file->definitions ?? []);
        /** @var array<string, string|null> $loaded */
        $loaded = (new Loader)->load($builder->immutable()->make(), $entries);

        return [...$outer, ...array_filter($loaded, static fn (?string $value): bool => $value !== null)];
    }
}
