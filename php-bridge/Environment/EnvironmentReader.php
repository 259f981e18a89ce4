<?php

declare(strict_types=1);

namespace Revurb\Environment;

use Illuminate\Foundation\Application;
use Illuminate\Support\Env;

/**
 * Reads the environment of this application: its .env files, and the variables that its process was started with.
 */
final readonly class EnvironmentReader
{
    public function __construct(private Application $app) {}

    public function read(): Environment
    {
        $devServer = $this->devServer();
        $mode = $devServer === null ? 'production' : 'development';
        $viteFiles = array_map(fn (string $name): ?EnvFile => self::file($this->app->basePath($name), $name), ['.env', '.env.local', ".env.{$mode}", ".env.{$mode}.local"]);

        return new Environment(
            self::file($this->app->environmentFilePath(), $this->app->environmentFile()),
            array_values(array_filter($viteFiles)),
            self::outer(),
            $this->app->configurationIsCached(),
            $devServer,
        );
    }

    private function devServer(): ?string
    {
        $file = $this->app->publicPath('hot');

        return is_file($file) ? trim((string) @file_get_contents($file)) : null;
    }

    private static function file(string $path, string $name): ?EnvFile
    {
        $text = is_file($path) ? @file_get_contents($path) : false;

        return $text === false ? null : new EnvFile($text, $name);
    }

    /**
     * The variables that do not come from the file. Laravel's repository refuses to set those, and sets those that it has loaded itself.
     *
     * @return array<string, string>
     */
    public static function outer(): array
    {
        $repository = Env::getRepository();
        $outer = [];

        foreach (array_keys([...getenv(), ...$_ENV, ...$_SERVER]) as $name) {
            $value = $repository->get((string) $name);

            if ($value !== null && ! $repository->set((string) $name, $value)) {
                $outer[$name] = $value;
            }
        }

        return $outer;
    }
}
