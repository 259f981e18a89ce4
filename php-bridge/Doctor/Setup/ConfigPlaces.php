<?php

declare(strict_types=1);

namespace Revurb\Doctor\Setup;

/**
 * From a path in the server's document to the place where it is configured.
 */
final readonly class ConfigPlaces
{
    private const VARIABLES = [
        'server.host' => 'REVERB_SERVER_HOST',
        'server.port' => 'REVERB_SERVER_PORT',
        'server.path' => 'REVERB_SERVER_PATH',
        'server.max_request_size' => 'REVERB_MAX_REQUEST_SIZE',
        'scaling.enabled' => 'REVERB_SCALING_ENABLED',
        'scaling.channel' => 'REVERB_SCALING_CHANNEL',
        'scaling.secret' => 'REVURB_SCALING_SECRET',
        'apps.0.app_id' => 'REVERB_APP_ID',
        'apps.0.key' => 'REVERB_APP_KEY',
        'apps.0.secret' => 'REVERB_APP_SECRET',
    ];

    /** Of the document's `server`, what Reverb has too. */
    private const REVERBS = ['host', 'port', 'path', 'hostname', 'max_request_size'];

    /** @param  string  $fault  a sentence that begins with the path */
    public function ofFault(EnvLines $env, string $fault): string
    {
        $path = explode(' ', $fault, 2)[0];
        $variable = self::VARIABLES[$path] ?? null;

        return ($variable === null ? '' : "{$env->place($variable)}, or ").$this->key($path);
    }

    private function key(string $path): string
    {
        [$first, $rest] = explode('.', $path, 2) + [1 => ''];

        $key = match (true) {
            $rest === '' && $first !== 'apps' => '',
            $first === 'apps' => rtrim("apps.apps.{$rest}", '.'),
            $first === 'server' && str_starts_with($rest, 'tls') => "servers.reverb.options.{$rest}",
            $first === 'server' => 'servers.reverb.'.(in_array($rest, self::REVERBS, true) ? '' : 'revurb.').$rest,
            default => "servers.reverb.{$path}",
        };

        return $key === '' ? 'config/reverb.php' : "config/reverb.php: {$key}";
    }
}
