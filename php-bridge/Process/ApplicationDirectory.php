<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * The directory of the application by the name with which this process was started: it may be a symlink, which leads to
 * another release after a deployment.
 */
final readonly class ApplicationDirectory
{
    /**
     * @param  string  $artisan  as the command line has it
     * @param  string  $shells  the shell's name of the working directory
     */
    public static function name(string $artisan, string $shells): string
    {
        if (str_starts_with($artisan, '/')) {
            return dirname($artisan);
        }

        $real = (string) getcwd();

        return $shells !== '' && realpath($shells) === $real ? $shells : $real;
    }

    /** Of this process. */
    public static function current(): string
    {
        $artisan = $_SERVER['argv'][0] ?? '';

        return self::name(is_string($artisan) ? $artisan : '', (string) getenv('PWD'));
    }
}
