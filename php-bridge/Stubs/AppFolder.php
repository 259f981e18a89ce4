<?php

declare(strict_types=1);

namespace Revurb\Stubs;

/**
 * The application's folder by the name that outlives a deployment: `/srv/app/current` where that is how it was reached,
 * and not `/srv/app/releases/42`, which is all that PHP knows of it.
 */
final readonly class AppFolder
{
    /**
     * @param  string|null  $directory  the shell's name of the working directory
     * @param  string|null  $script  artisan, as it was called
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
