<?php

declare(strict_types=1);

namespace Revurb\Stubs;

/**
 * The application's folder under the name that stays the same after a deployment: `/srv/app/current` if it was reached by that name, and
 * not `/srv/app/releases/42`, the real path that PHP has.
 */
final readonly class AppFolder
{
    /**
     * @param  string|null  $directory  the working directory as the shell names it
     * @param  string|null  $script  the path of artisan on the command line
     */
    public static function reachedBy(string $basePath, ?string $directory, ?string $script): string
    {
        foreach ([$script === null ? null : dirname($script), $directory] as $name) {
            if ($name !== null && str_starts_with($name, '/') && realpath($name) === realpath($basePath)) {
                return rtrim($name, '/');
            }
        }

        return $basePath;
    }
}
