<?php

declare(strict_types=1);

namespace Revurb\Apps;

/**
 * The apps listed in config/reverb.php.
 */
final readonly class ConfiguredApps implements AppSource
{
    /** An array with at least one of these keys is an app. */
    private const NAMES = ['app_id' => true, 'key' => true, 'secret' => true];

    /** @var list<App> */
    private array $apps;

    private ?UnusableApps $fault;

    /**
     * @param  array<array-key, mixed>  $section  `reverb.apps`
     */
    public function __construct(array $section)
    {
        $apps = is_array($section['apps'] ?? null) ? $section['apps'] : [];

        $this->apps = array_values(array_map(self::app(...), array_filter($apps, is_array(...))));
        $this->fault = self::fault($section, $apps);
    }

    /** @throws UnusableApps */
    public function all(): array
    {
        return $this->fault === null ? $this->apps : throw $this->fault;
    }

    /**
     * The app with that id, also where the list has a fault for which `all()` would throw.
     */
    public function find(string $id): ?App
    {
        foreach ($this->apps as $app) {
            if (is_scalar($app->id) && (string) $app->id === $id) {
                return $app;
            }
        }

        return null;
    }

    /**
     * Checks the shape of the list. An app that is `null` or `false` is left out.
     *
     * @param  array<array-key, mixed>  $section
     * @param  array<array-key, mixed>  $apps
     */
    private static function fault(array $section, array $apps): ?UnusableApps
    {
        unset($section['apps']);
        $invalid = array_filter($apps, static fn (mixed $app): bool => ! is_array($app) && $app !== null && $app !== false);

        return match (true) {
            self::isApp($section), array_filter($section, self::isApp(...)) !== [] => UnusableApps::tooHigh(),
            self::isApp($apps) => UnusableApps::one(),
            $invalid !== [] => UnusableApps::none(array_key_first($invalid)),
            default => null,
        };
    }

    private static function isApp(mixed $value): bool
    {
        return is_array($value) && array_intersect_key($value, self::NAMES) !== [];
    }

    /** @param  array<array-key, mixed>  $app */
    private static function app(array $app): App
    {
        $settings = array_filter($app, is_string(...), ARRAY_FILTER_USE_KEY);
        unset($settings['app_id'], $settings['key'], $settings['secret'], $settings['options']);
        $options = App::publicUrl($app['options'] ?? null);

        return new App($app['app_id'] ?? null, $app['key'] ?? null, $app['secret'] ?? null, $settings + ($options === [] ? [] : ['options' => $options]));
    }
}
