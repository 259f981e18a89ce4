<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * The directory of the application under the name by which this process was started. It may be a symlink such as `current`, which points to
 * another release after a deployment.
 */
final readonly class ApplicationDirectory
{
    /**
     * @param  string  $artisan  the path of artisan on the command line
     * @param  string  $shells  the working directory as the shell names it (PWD)
     */
    public static function name(string $artisan, string $shells): string
    {
        if (str_starts_with($artisan, '/')) {
            return dirname($artisan);
        }

        $real = (string) getcwd();

        return $shells !== '' && realpath($shells) === $real ? $shells : $real;
    }

    public static function current(): string
    {
        $artisan = $_SERVER['argv'][0] ?? '';

        return self::name(is_string($artisan) ? $artisan : '', (string) getenv('PWD'));
    }
}
