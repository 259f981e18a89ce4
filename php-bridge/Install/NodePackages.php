<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Filesystem\Filesystem;
use Revurb\Environment\EnvironmentReader;
use Symfony\Component\Process\ExecutableFinder;

/**
 * The packages for broadcasting in the package.json of an application, and the commands of its package manager.
 */
final readonly class NodePackages
{
    /** Lock files and their package managers, as Laravel's `install:broadcasting` detects them. */
    private const LOCKS = ['pnpm-lock.yaml' => 'pnpm', 'yarn.lock' => 'yarn', 'bun.lock' => 'bun', 'bun.lockb' => 'bun'];

    /** The package with hooks, by the framework of the application. */
    private const ECHO = ['react' => '@laravel/echo-react', 'vue' => '@laravel/echo-vue'];

    public function __construct(
        private string $basePath,
        private Filesystem $files,
        private ExecutableFinder $programs = new ExecutableFinder,
    ) {}

    public function hasFrontEnd(): bool
    {
        return $this->files->exists("{$this->basePath}/package.json");
    }

    /** @return list<string> the commands that remain until a page can use Echo */
    public function commands(): array
    {
        if (! $this->hasFrontEnd()) {
            return [];
        }

        $missing = $this->missing();

        return match (true) {
            $missing !== [] => [$this->add(...$missing), $this->build()],
            ! $this->files->isDirectory("{$this->basePath}/node_modules") => ["{$this->manager()} install", $this->build()],
            ! $this->isBuilt() => [$this->build()],
            default => [],
        };
    }

    /**
     * Runs a command in this terminal, with the environment of the terminal. What Laravel has read from .env is left out of it: the scripts
     * of packages must not see the secrets, and Vite, which reads .env itself, would prefer it to its other files.
     */
    public function run(string $command): bool
    {
        $environment = array_intersect_key(getenv(), EnvironmentReader::outer());
        $process = proc_open($command, [STDIN, STDOUT, STDERR], $pipes, $this->basePath, $environment);

        return $process !== false && proc_close($process) === 0;
    }

    /** The package whose hooks the pages of React or Vue use, where there is no global Echo; null if they use neither. */
    public function hooks(): ?string
    {
        return array_values(array_intersect_key(self::ECHO, array_flip($this->dependencies())))[0] ?? null;
    }

    /** Whether package.json lists Echo. */
    public function hasEcho(): bool
    {
        return array_intersect(['laravel-echo', ...array_values(self::ECHO)], $this->dependencies()) !== [];
    }

    /** The command that builds the assets. */
    public function build(): string
    {
        return "{$this->manager()} run build";
    }

    public function isManagerInstalled(): bool
    {
        return $this->programs->find($this->manager()) !== null;
    }

    /** The package manager whose lock file the application has, or npm. */
    public function manager(): string
    {
        foreach (self::LOCKS as $lock => $manager) {
            if ($this->files->exists("{$this->basePath}/{$lock}")) {
                return $manager;
            }
        }

        return 'npm';
    }

    private function add(string ...$packages): string
    {
        return match ($manager = $this->manager()) {
            'pnpm' => 'pnpm add --save-dev ',
            'yarn', 'bun' => "{$manager} add --dev ",
            default => 'npm install --save-dev ',
        }.implode(' ', $packages);
    }

    /** @return list<string> */
    private function missing(): array
    {
        $has = $this->dependencies();
        $wanted = ['laravel-echo', 'pusher-js', ...array_values(array_intersect_key(self::ECHO, array_flip($has)))];

        return array_values(array_diff($wanted, $has));
    }

    /** @return list<string> */
    private function dependencies(): array
    {
        $file = "{$this->basePath}/package.json";
        $package = $this->files->exists($file) ? json_decode($this->files->get($file), true) : [];
        $package = is_array($package) ? $package : [];

        return array_keys([...(array) ($package['dependencies'] ?? []), ...(array) ($package['devDependencies'] ?? [])]);
    }

    /** Whether the assets contain the current values of .env. Vite's development server reloads them by itself. */
    private function isBuilt(): bool
    {
        $manifest = "{$this->basePath}/public/build/manifest.json";
        $env = "{$this->basePath}/.env";

        return $this->files->exists("{$this->basePath}/public/hot")
            || ($this->files->exists($manifest) && (! $this->files->exists($env) || filemtime($manifest) >= filemtime($env)));
    }
}
