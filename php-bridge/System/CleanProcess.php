<?php

declare(strict_types=1);

namespace Revurb\System;

use Symfony\Component\Process\Process;

/**
 * A command that inherits no environment. Symfony's Process would pass on everything that Laravel has read from .env.
 */
final readonly class CleanProcess
{
    /** Without these variables no program on Windows finds its libraries, a temporary folder or the shell by which PHP starts it. */
    private const WINDOWS = ['comspec', 'pathext', 'systemdrive', 'systemroot', 'temp', 'tmp', 'userprofile', 'windir'];

    /**
     * @param  list<string>  $arguments
     * @param  array<string, string>  $environment  the whole environment, except for what Windows itself needs
     */
    public static function of(array $arguments, string $directory, array $environment, ?string $input = null, float $timeoutSeconds = 60, Platform $platform = new Platform): Process
    {
        $kept = $platform->isWindows() ? array_filter(getenv(), static fn (string $name): bool => in_array(strtolower($name), self::WINDOWS, true), ARRAY_FILTER_USE_KEY) : [];
        $inherited = $kept + array_fill_keys(array_keys(getenv() + $_ENV + $_SERVER), false);

        return new Process($arguments, $directory, $environment + $inherited, $input, $timeoutSeconds);
    }
}
