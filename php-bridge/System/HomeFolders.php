<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * The home folders of the user who runs this process. systemd and Supervisor start programs without HOME, and sudo may keep the HOME of
 * another user.
 */
final readonly class HomeFolders
{
    /** @return list<string> HOME first */
    public static function find(Platform $platform = new Platform): array
    {
        $user = function_exists('posix_getpwuid') && function_exists('posix_geteuid') ? posix_getpwuid(posix_geteuid()) : false;
        $homes = [getenv('HOME'), $platform->isWindows() ? getenv('USERPROFILE') : false, $user === false ? false : $user['dir']];

        return array_values(array_unique(array_filter($homes, static fn (mixed $home): bool => is_string($home) && $home !== '')));
    }
}
