<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use Illuminate\Contracts\Config\Repository;
use Revurb\Bridge\Document;

/**
 * The connections of config/broadcasting.php, and which of them publishes to this server.
 */
final readonly class Connections
{
    public const REVERB = 'reverb';

    public const PUSHER = 'pusher';

    public function __construct(private Repository $config) {}

    /** The name of the default connection as it is written; empty if there is none. */
    public function nameOfDefault(): string
    {
        $name = $this->config->get('broadcasting.default');

        return is_string($name) ? $name : '';
    }

    public function driverOf(string $name): string
    {
        $driver = $this->config->get("broadcasting.connections.{$name}.driver");

        return is_string($driver) ? $driver : '';
    }

    /** The default connection if it publishes to this server or no other one does, else Laravel's own for Reverb. */
    public function nameOfUsed(?Document $document): string
    {
        $default = $this->nameOfDefault();

        return match (true) {
            $default === self::REVERB => $default,
            ! in_array($this->driverOf($default), [self::REVERB, self::PUSHER], true) => self::REVERB,
            $this->isHere($default, $document) => $default,
            $this->isHere(self::REVERB, $document) || $this->isOfPusher($default) => self::REVERB,
            default => $default,
        };
    }

    /** Whether the connection publishes to Pusher itself, as it does without a host of its own. */
    public function isOfPusher(string $name): bool
    {
        $host = $this->config->get("broadcasting.connections.{$name}.options.host");

        return $this->driverOf($name) === self::PUSHER && (! is_string($host) || $host === '' || str_ends_with($host, '.pusher.com') || str_ends_with($host, '.pusherapp.com'));
    }

    /** Whether the connection publishes as an app of this server. */
    private function isHere(string $name, ?Document $document): bool
    {
        $connection = $this->config->get("broadcasting.connections.{$name}");

        foreach ($this->isOfPusher($name) ? [] : $document->content['apps'] ?? [] as $app) {
            $isApp = is_array($connection)
                && is_scalar($app['app_id'] ?? null) && is_scalar($connection['app_id'] ?? null)
                && (string) $app['app_id'] === (string) $connection['app_id']
                && ($app['key'] ?? null) === ($connection['key'] ?? null);

            if ($isApp) {
                return true;
            }
        }

        return false;
    }
}
