<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Support\ConfigurationUrlParser;
use InvalidArgumentException;

/**
 * Parses the settings of one connection as Laravel's RedisManager does: the values of a URL win.
 */
final readonly class RedisSettings
{
    private const SCHEMES = ['tcp', 'tls', 'rediss', 'unix'];

    /**
     * @param  array<array-key, mixed>|string  $settings  a text is a URL
     * @return array<array-key, mixed>
     *
     * @throws UnusableRedis
     */
    public static function parse(array|string $settings): array
    {
        try {
            $parsed = (new ConfigurationUrlParser)->parseConfiguration($settings);
        } catch (InvalidArgumentException) {
            throw self::isSocket($settings) ? UnusableRedis::socket() : UnusableRedis::url();
        }

        $scheme = strtolower($parsed['driver'] ?? '');

        return in_array($scheme, self::SCHEMES, true) ? [...$parsed, 'scheme' => $scheme] : $parsed;
    }

    /** @param  array<array-key, mixed>|string  $settings */
    private static function isSocket(array|string $settings): bool
    {
        $url = is_array($settings) ? $settings['url'] ?? null : $settings;

        return is_string($url) && str_starts_with(strtolower($url), 'unix:');
    }
}
