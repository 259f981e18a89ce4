<?php

declare(strict_types=1);

namespace Revurb\Doctor\Setup;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Foundation\Application;
use JsonException;
use Revurb\Apps\UnreadableApps;
use Revurb\Bridge\Document;
use Revurb\Bridge\Documents;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\Secrets;
use Revurb\Environment\Environment;
use Revurb\Environment\Environments;
use Throwable;

/**
 * Reads the setup out of configuration and .env. Nothing that is wrong there stops it.
 */
final readonly class Setups
{
    private const FILE = 'config/reverb.php';

    private const HTTPS_PORT = 443;

    private const HTTP_PORT = 80;

    public function __construct(
        private Application $app,
        private Repository $config,
        private Environments $environments,
    ) {}

    public function read(Overrides $overrides): Setup
    {
        [$document, $documentFault, $documentFix] = $this->document($overrides);
        [$publisher, $publisherFault] = $this->publisher();
        $server = $this->server($document, $overrides);
        $env = $this->environments->read();

        return new Setup(
            $server,
            $document,
            $documentFault,
            $documentFix,
            $publisher,
            $publisherFault,
            $publisher === null ? null : $this->browsers($env, $publisher, $server->path),
            $env,
            $this->secrets($document, $publisher),
        );
    }

    /** @return array{Document|null, string, string} */
    private function document(Overrides $overrides): array
    {
        try {
            // Made here, since making it may fail.
            $document = $this->app->make(Documents::class)->write($overrides);
            $document->toJson();

            return [$document, '', ''];
        } catch (JsonException $exception) {
            return [null, "It holds something that is not text: {$exception->getMessage()}.", self::FILE];
        } catch (UnreadableApps $exception) {
            return [null, $exception->getMessage(), 'Mend that class; `php artisan reverb:start --check` writes the stack trace to the log.'];
        } catch (Throwable $exception) {
            return [null, $exception->getMessage(), self::FILE];
        }
    }

    private function server(?Document $document, Overrides $overrides): Address
    {
        $server = $document->content['server'] ?? array_filter([
            ...(array) $this->config->get('reverb.servers.reverb'),
            ...array_filter(get_object_vars($overrides), is_string(...)),
            'tls' => null,
        ], static fn (mixed $value): bool => $value !== null);

        return Address::here(
            isset($server['tls']),
            self::text($server['host'] ?? null) ?? '0.0.0.0',
            // What is no number is no port either: 0, which the port's own check names.
            (int) filter_var(trim(self::text($server['port'] ?? null) ?? '8080'), FILTER_VALIDATE_INT),
            self::text($server['path'] ?? null) ?? '',
        );
    }

    /** @return array{Publisher|null, string} */
    private function publisher(): array
    {
        $connection = $this->config->get('broadcasting.connections.reverb');

        if (! is_array($connection)) {
            return [null, 'config/broadcasting.php has no "reverb" connection.'];
        }

        foreach (['app_id', 'key', 'secret', 'options.host'] as $name) {
            if (self::text(data_get($connection, $name)) === null) {
                return [null, "{$name} is empty."];
            }
        }

        try {
            $settings = $this->app->make(BroadcastManager::class)->pusher($connection)->getSettings();
        } catch (Throwable $exception) {
            return [null, "Laravel cannot make a publisher of it: {$exception->getMessage()}"];
        }

        return [new Publisher(
            new Address(
                $settings['scheme'] === 'https',
                $settings['host'],
                (int) $settings['port'],
                self::prefix($settings['path']),
                self::verify(data_get($connection, 'client_options.verify')),
            ),
            $settings['app_id'],
            $settings['auth_key'],
            $settings['secret'],
        ), ''];
    }

    /** Guzzle takes the path for a base of relative ones, so that what is behind its last slash is dropped. */
    private static function prefix(string $path): string
    {
        return substr($path, 0, (int) strrpos($path, '/'));
    }

    /** As Guzzle reads it. */
    private static function verify(mixed $option): bool|string
    {
        return is_string($option) || is_bool($option) ? $option : true;
    }

    /** As Laravel's resources/js/echo.js reads VITE_REVERB_*; where those are not set, the publisher's own. */
    private function browsers(Environment $env, Publisher $publisher, string $path): Browsers
    {
        $address = $publisher->address;
        $host = self::text($env->vite('VITE_REVERB_HOST'));

        if ($host !== null) {
            $isSecure = ($env->vite('VITE_REVERB_SCHEME') ?? 'https') === 'https';
            $port = self::text($env->vite('VITE_REVERB_PORT')) ?? ($isSecure ? self::HTTPS_PORT : self::HTTP_PORT);
            $address = new Address($isSecure, $host, (int) $port);
        }

        return new Browsers(
            new Address($address->isSecure, $address->host, $address->port, $path),
            self::text($env->vite('VITE_REVERB_APP_KEY')) ?? $publisher->key,
            self::origin(self::text($this->config->get('app.url')) ?? ''),
        );
    }

    private static function origin(string $url): string
    {
        $parts = parse_url($url);

        return isset($parts['scheme'], $parts['host'])
            ? "{$parts['scheme']}://{$parts['host']}".(isset($parts['port']) ? ":{$parts['port']}" : '')
            : '';
    }

    private function secrets(?Document $document, ?Publisher $publisher): Secrets
    {
        $redis = [$this->config->get('database.redis'), $this->config->get('reverb.servers.reverb.scaling.server')];
        $passwords = [];

        array_walk_recursive($redis, static function (mixed $value, mixed $name) use (&$passwords): void {
            $passwords[] = match ($name) {
                'password', 'sentinel_password', 'passphrase' => $value,
                'url' => is_string($value) ? parse_url($value, PHP_URL_PASS) : null,
                default => null,
            };
        });

        return new Secrets([
            ...array_column($document->content['apps'] ?? [], 'secret'),
            data_get($document?->content, 'server.tls.passphrase'),
            data_get($document?->content, 'scaling.secret'),
            data_get($document?->content, 'scaling.server.password'),
            $publisher?->secret,
            $this->config->get('broadcasting.connections.reverb.secret'),
            ...$passwords,
        ]);
    }

    private static function text(mixed $value): ?string
    {
        return is_scalar($value) && (string) $value !== '' ? (string) $value : null;
    }
}
