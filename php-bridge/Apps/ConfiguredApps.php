<?php

declare(strict_types=1);

namespace Revurb\Apps;

/**
 * The apps listed in config/reverb.php.
 */
final readonly class ConfiguredApps implements AppSource
{
    /** @var list<App> */
    private array $apps;

    /**
     * @param  array<array-key, mixed>  $apps  `reverb.apps.apps`
     */
    public function __construct(array $apps)
    {
        $this->apps = array_values(array_map(self::app(...), array_filter($apps, is_array(...))));
    }

    public function all(): array
    {
        return $this->apps;
    }

    public function byId(string $id): ?App
    {
        return $this->first(static fn (App $app): bool => is_scalar($app->id) && (string) $app->id === $id);
    }

    public function byKey(string $key): ?App
    {
        return $this->first(static fn (App $app): bool => is_scalar($app->key) && (string) $app->key === $key);
    }

    /**
     * @param  callable(App): bool  $fits
     */
    private function first(callable $fits): ?App
    {
        foreach ($this->apps as $app) {
            if ($fits($app)) {
                return $app;
            }
        }

        return null;
    }

    /**
     * `options` are those of the application's own Pusher client, and of no use to the server.
     *
     * @param  array<array-key, mixed>  $app
     */
    private static function app(array $app): App
    {
        $settings = array_filter($app, is_string(...), ARRAY_FILTER_USE_KEY);
        unset($settings['app_id'], $settings['key'], $settings['secret'], $settings['options']);

        return new App($app['app_id'] ?? null, $app['key'] ?? null, $app['secret'] ?? null, $settings);
    }
}
