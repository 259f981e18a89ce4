<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use Revurb\Environment\Environment;

/**
 * Maps an error that the server has found in its configuration to the line to change. The error names the key and, if there is one, the
 * variable.
 */
final readonly class ConfigPlaces
{
    public function of(Environment $env, string $key, string $variable): string
    {
        return match (true) {
            preg_match('/^(?:servers|apps)\./', $key) !== 1 => 'config/reverb.php',
            $variable === '' => "config/reverb.php: {$key}",
            default => "{$env->place($variable)}, or config/reverb.php: {$key}",
        };
    }
}
