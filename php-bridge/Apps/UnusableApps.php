<?php

declare(strict_types=1);

namespace Revurb\Apps;

use RuntimeException;

/**
 * `apps` in config/reverb.php has an invalid shape.
 */
final class UnusableApps extends RuntimeException
{
    private const APP = "['app_id' => …, 'key' => …, 'secret' => …]";

    public static function tooHigh(): self
    {
        return new self("config/reverb.php: an app stands in apps, and must be one level deeper, in the list apps.apps: 'apps' => ['provider' => 'config', 'apps' => [".self::APP.']].');
    }

    public static function one(): self
    {
        return new self("config/reverb.php: apps.apps is one app, and must be a list of apps: 'apps' => [".self::APP.'].');
    }

    public static function none(int|string $name): self
    {
        return new self("config/reverb.php: apps.apps.{$name} is no app, which would be ".self::APP.'.');
    }
}
