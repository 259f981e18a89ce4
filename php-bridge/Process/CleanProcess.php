<?php

declare(strict_types=1);

namespace Revurb\Process;

use Symfony\Component\Process\Process;

/**
 * A command that inherits nothing. Symfony's own would give it everything that Laravel has read from the .env file.
 */
final readonly class CleanProcess
{
    /**
     * @param  list<string>  $arguments
     * @param  array<string, string>  $environment  all of it
     */
    public static function of(array $arguments, string $directory, array $environment, ?string $input = null, float $timeoutSeconds = 60): Process
    {
        $inherited = array_fill_keys(array_keys(getenv() + $_ENV + $_SERVER), false);

        return new Process($arguments, $directory, $environment + $inherited, $input, $timeoutSeconds);
    }
}
