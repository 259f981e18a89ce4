<?php

declare(strict_types=1);

namespace Revurb\Doctor\Setup;

use Revurb\Environment\Environment;

/**
 * From what the server says of its configuration to the line to change. Its sentences begin with the key and, where there
 * is one, its variable: `servers.reverb.port (REVERB_SERVER_PORT, --port) must be …`.
 */
final readonly class ConfigPlaces
{
    private const PLACE = '/^((?:servers|apps)\.[\w.]+)(?: \(([A-Z_]+)[^)]*\))?/';

    public function ofFault(Environment $env, string $fault): string
    {
        preg_match(self::PLACE, $fault, $place);
        [, $key, $variable] = $place + ['', '', ''];

        return match (true) {
            $key === '' => 'config/reverb.php',
            $variable === '' => "config/reverb.php: {$key}",
            default => "{$env->place($variable)}, or config/reverb.php: {$key}",
        };
    }
}
