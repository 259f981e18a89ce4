<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Closure;
use Revurb\Environment\Environment;
use Throwable;

/**
 * The values for the file for Sail from the application's Compose files: their names, the service of Laravel, and the settings that a
 * second container of the same image needs.
 */
final readonly class SailValues
{
    /** File names in the order in which Compose looks for them (https://docs.docker.com/compose/intro/compose-application-model/). */
    private const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

    /** Files that Compose merges with those, unless files are named. */
    private const OVERRIDES = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];

    private const SERVICE = 'laravel.test';

    /** The copied settings. Ports and networks are those of Laravel's container, which the server shares. */
    private const COPIED = ['image', 'platform', 'user', 'working_dir', 'env_file', 'environment', 'volumes'];

    /** A word that YAML reads as a text in any case. */
    private const PLAIN = '~^(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z./][\w./+-]*$~i';

    /**
     * @param  Closure(): Environment  $environment
     * @param  (Closure(string): mixed)|null  $parse  parses YAML; null if symfony/yaml, which Sail requires, is not installed
     */
    public function __construct(
        private string $basePath,
        private Closure $environment,
        private ?Closure $parse,
    ) {}

    /**
     * @param  string  $phpVersion  the version of the image if there is no Compose file
     * @return array<string, string>
     */
    public function all(string $phpVersion): array
    {
        try {
            return $this->read();
        } catch (UnusableCompose) {
            return $this->values([self::FILES[0]], self::SERVICE, [
                'image' => "sail-{$phpVersion}/app",
                'environment' => ['WWWUSER' => '${WWWUSER}', 'LARAVEL_SAIL' => 1],
                'volumes' => ['.:/var/www/html'],
            ]);
        }
    }

    /** Why the file would not work, in one sentence, or null. */
    public function fault(): ?string
    {
        try {
            $this->read();
        } catch (UnusableCompose $exception) {
            return $exception->getMessage();
        }

        return null;
    }

    /**
     * @return array<string, string>
     *
     * @throws UnusableCompose
     */
    private function read(): array
    {
        $environment = ($this->environment)();
        $files = $this->files($environment);
        $name = $environment->laravel('APP_SERVICE') ?? self::SERVICE;
        $services = [];

        foreach ($files as $file) {
            $services = self::merged($services, $this->services($file));
        }

        $service = $services[$name] ?? null;

        return is_array($service)
            ? $this->values($files, $name, $service)
            : throw new UnusableCompose("{$files[0]} has no service {$name}, but ".(implode(', ', array_keys($services)) ?: 'none').": name the one of Laravel in .env, as in APP_SERVICE={$this->guess($services)}.");
    }

    /**
     * The Compose files that .env names for Sail or for Compose, or else those that Compose finds itself.
     *
     * @return non-empty-list<string>
     *
     * @throws UnusableCompose
     */
    private function files(Environment $environment): array
    {
        $variable = $environment->laravel('SAIL_FILES') === null ? 'COMPOSE_FILE' : 'SAIL_FILES';
        $named = $environment->laravel($variable);

        if ($named !== null) {
            $files = array_values(array_diff(explode(':', $named), [self::ours()]));
            $missing = array_values(array_filter($files, fn (string $file): bool => ! $this->exists($file)));

            if ($missing !== []) {
                throw new UnusableCompose("{$variable} in .env names {$missing[0]}, which is not there, and without it no sail command works.");
            }
        } else {
            $files = array_filter([$this->first(self::FILES), $this->first(self::OVERRIDES)]);
        }

        return $files === [] ? throw new UnusableCompose('There is no compose.yaml: `php artisan sail:install` writes it.') : array_values($files);
    }

    /** The file of the stub, which is named after the application's. */
    private static function ours(): string
    {
        return (new StubFile(Stubs::SAIL, 'compose.yaml'))->target();
    }

    /** @param  list<string>  $names */
    private function first(array $names): ?string
    {
        return array_values(array_filter($names, $this->exists(...)))[0] ?? null;
    }

    private function exists(string $file): bool
    {
        return is_file("{$this->basePath}/{$file}");
    }

    /**
     * @return array<array-key, mixed>
     *
     * @throws UnusableCompose
     */
    private function services(string $file): array
    {
        if ($this->parse === null) {
            throw new UnusableCompose("{$file} cannot be read without the package symfony/yaml: `composer require laravel/sail --dev` installs it.");
        }

        try {
            $compose = ($this->parse)((string) file_get_contents("{$this->basePath}/{$file}"));
        } catch (Throwable $exception) {
            throw new UnusableCompose("{$file} cannot be read: {$exception->getMessage()}");
        }

        return is_array($compose) && is_array($compose['services'] ?? null) ? array_map(self::withVariables(...), $compose['services']) : [];
    }

    /** The service with its environment as a map. It may be a list of `NAME=value`, which Compose merges by name. */
    private static function withVariables(mixed $service): mixed
    {
        $list = is_array($service) ? $service['environment'] ?? null : null;

        if (! is_array($service) || ! is_array($list) || ! array_is_list($list)) {
            return $service;
        }

        $variables = array_map(static fn (mixed $variable): array => [...explode('=', is_string($variable) ? $variable : '', 2), null], $list);

        return [...$service, 'environment' => array_column($variables, 1, 0)];
    }

    /**
     * Merges as Compose does for these settings: lists are joined, maps and texts are replaced key by key.
     *
     * @param  array<array-key, mixed>  $one
     * @param  array<array-key, mixed>  $other
     * @return array<array-key, mixed>
     */
    private static function merged(array $one, array $other): array
    {
        if (array_is_list($one) && array_is_list($other)) {
            return array_values(array_unique([...$one, ...$other], SORT_REGULAR));
        }

        foreach ($other as $key => $value) {
            $one[$key] = is_array($value) && is_array($one[$key] ?? null) ? self::merged($one[$key], $value) : $value;
        }

        return $one;
    }

    /** @param  array<array-key, mixed>  $services */
    private function guess(array $services): string
    {
        $ofSail = array_filter($services, static fn (mixed $service): bool => is_array($service) && str_contains((string) json_encode($service, JSON_UNESCAPED_SLASHES), 'LARAVEL_SAIL'));

        return (string) (array_key_first($ofSail) ?? array_key_first($services) ?? self::SERVICE);
    }

    /**
     * @param  non-empty-list<string>  $files
     * @param  array<array-key, mixed>  $service
     * @return array<string, string>
     */
    private function values(array $files, string $name, array $service): array
    {
        $settings = array_intersect_key(array_replace(array_fill_keys(self::COPIED, null), $service), array_flip(self::COPIED));

        // Compose names an unnamed image after its service, and would not find it under the name of another service.
        if ($settings['image'] === null && isset($service['build'])) {
            $settings['build'] = $service['build'];
        }

        return [
            'sail_files' => implode(':', [...$files, self::ours()]),
            'sail_file' => $files[0],
            'sail_service' => $name,
            'sail_settings' => implode("\n", self::yaml(array_filter($settings, static fn (mixed $value): bool => $value !== null), '    ')),
        ];
    }

    /**
     * @param  array<array-key, mixed>  $values
     * @return list<string> lines
     */
    private static function yaml(array $values, string $indentation): array
    {
        $lines = [];

        foreach ($values as $key => $value) {
            $start = $indentation.(array_is_list($values) ? '-' : self::scalar($key).':');
            $isMap = is_array($value) && $value !== [] && ! array_is_list($values);
            $lines = [...$lines, ...$isMap ? [$start, ...self::yaml($value, "{$indentation}  ")] : ["{$start} ".self::scalar($value)]];
        }

        return $lines;
    }

    /** A value in YAML; JSON is a subset of it. */
    private static function scalar(mixed $value): string
    {
        return is_string($value) && preg_match(self::PLAIN, $value) === 1 ? $value : (string) json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
}
