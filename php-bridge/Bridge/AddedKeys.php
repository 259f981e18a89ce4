<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Support\Arr;

/**
 * The keys that Revurb adds to Reverb's config/reverb.php. Laravel merges the configuration of a package only at the top level, so an
 * application that keeps Reverb's file would not get them, and `REVURB_*` variables in .env would have no effect.
 */
final readonly class AddedKeys
{
    /** How the keys of all apps are named in `missingFrom()`. */
    private const EVERY_APP = 'apps.apps.*.';

    /**
     * @param  array<string, mixed>  $defaults  of the keys outside of the apps
     * @param  array<string, mixed>  $appDefaults
     */
    private function __construct(
        private array $defaults,
        private array $appDefaults,
    ) {}

    /** @param  array<string, mixed>  $file  the config/reverb.php of this package, with the values of .env */
    public static function of(array $file): self
    {
        return new self(
            ['servers' => ['reverb' => [
                'revurb' => Arr::get($file, 'servers.reverb.revurb'),
                'scaling' => [
                    'secret' => Arr::get($file, 'servers.reverb.scaling.secret'),
                    'server' => Arr::only(Arr::get($file, 'servers.reverb.scaling.server'), Schema::REDIS_ADDED),
                ],
            ]]],
            Arr::only(Arr::get($file, 'apps.apps.0'), Schema::APP_ADDED),
        );
    }

    /**
     * Adds the default of every absent key. A list or null is a value of the application like any other.
     *
     * @param  array<array-key, mixed>  $config  of `reverb`
     * @return array<array-key, mixed>
     */
    public function addTo(array $config): array
    {
        $config = self::add($this->defaults, $config);
        $apps = Arr::get($config, 'apps.apps');

        if (is_array($apps)) {
            $config['apps']['apps'] = array_map(fn (mixed $app): mixed => self::isMap($app) ? self::add($this->appDefaults, $app) : $app, $apps);
        }

        return $config;
    }

    /**
     * The paths of the absent keys, with dots. A key that is absent in any app is named once; if the file lists no apps, all keys of apps
     * are absent.
     *
     * @param  array<array-key, mixed>  $config  of `reverb`
     * @return list<string>
     */
    public function missingFrom(array $config): array
    {
        $missing = self::missing($this->defaults, $config, '');
        $apps = Arr::get($config, 'apps.apps');

        foreach (array_filter(is_array($apps) ? $apps : [], self::isMap(...)) ?: [[]] as $app) {
            $missing = [...$missing, ...self::missing($this->appDefaults, $app, self::EVERY_APP)];
        }

        return array_values(array_unique($missing));
    }

    /**
     * @param  array<array-key, mixed>  $defaults
     * @param  array<array-key, mixed>  $values
     * @return array<array-key, mixed>
     */
    private static function add(array $defaults, array $values): array
    {
        foreach ($defaults as $key => $default) {
            if (! array_key_exists($key, $values)) {
                $values[$key] = $default;
            } elseif (self::isMap($default) && self::isMap($values[$key])) {
                $values[$key] = self::add($default, $values[$key]);
            }
        }

        return $values;
    }

    /**
     * @param  array<array-key, mixed>  $defaults
     * @param  array<array-key, mixed>  $values
     * @return list<string>
     */
    private static function missing(array $defaults, array $values, string $prefix): array
    {
        $missing = [];

        foreach ($defaults as $key => $default) {
            $isAbsent = ! array_key_exists($key, $values);
            $value = $isAbsent ? [] : $values[$key];

            if (self::isMap($default) && ($isAbsent || self::isMap($value))) {
                $missing = [...$missing, ...self::missing($default, $value, "{$prefix}{$key}.")];
            } elseif ($isAbsent) {
                $missing[] = "{$prefix}{$key}";
            }
        }

        return $missing;
    }

    /** @phpstan-assert-if-true array<array-key, mixed> $value */
    private static function isMap(mixed $value): bool
    {
        return is_array($value) && ! array_is_list($value);
    }
}
