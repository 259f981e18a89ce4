<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use GuzzleHttp\ClientInterface;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Foundation\Application;
use JsonException;
use Pusher\Pusher;
use ReflectionProperty;
use Revurb\Apps\UnreadableApps;
use Revurb\Bridge\Document;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\Schema;
use Revurb\Bridge\UnusableRedis;
use Revurb\Doctor\Secrets;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvironmentReader;
use Throwable;

/**
 * Reads the context from configuration and .env. Errors in them do not stop it; the checks report them.
 */
final readonly class DoctorContextFactory
{
    private const FILE = 'config/reverb.php';

    private const HTTPS_PORT = 443;

    private const HTTP_PORT = 80;

    public function __construct(
        private Application $app,
        private Repository $config,
        private ReverbConfig $reverb,
        private EnvironmentReader $environmentReader,
        private Connections $connections,
    ) {}

    public function read(Overrides $overrides): DoctorContext
    {
        [$document, $documentFault, $documentFix] = $this->document($overrides);
        [$publisher, $publisherFault] = $this->publisher($document);
        $server = $this->server($document, $overrides);
        $env = $this->environmentReader->read();

        return new DoctorContext(
            $server,
            $document,
            $documentFault,
            $documentFix,
            $publisher,
            $publisherFault,
            $publisher === null ? null : $this->browsers($env, $publisher, $server->path),
            $env,
            $this->secrets($document, $publisher),
            $overrides,
        );
    }

    /** @return array{Document|null, string, string} */
    private function document(Overrides $overrides): array
    {
        try {
            // Resolved here, since resolving it may throw.
            $document = $this->app->make(DocumentBuilder::class)->build($overrides);
            $document->toJson();

            return [$document, '', ''];
        } catch (JsonException $exception) {
            return [null, "It holds something that is not text: {$exception->getMessage()}.", self::FILE];
        } catch (UnreadableApps $exception) {
            return [null, $exception->getMessage(), 'Fix that class; `php artisan reverb:start --check` writes the stack trace to the log.'];
        } catch (UnusableRedis $exception) {
            return [null, $exception->getMessage(), 'See redis.'];
        } catch (Throwable $exception) {
            return [null, $exception->getMessage(), self::FILE];
        }
    }

    private function server(?Document $document, Overrides $overrides): Address
    {
        $server = $document->content['server'] ?? array_filter([
            ...$this->reverb->server(),
            ...array_filter(get_object_vars($overrides), is_string(...)),
            'tls' => null,
        ], static fn (mixed $value): bool => $value !== null);

        return Address::here(
            isset($server['tls']),
            self::text($server['host'] ?? null) ?? Schema::DEFAULTS['servers.reverb.host'],
            // A text that is no number becomes 0, which the check of the port reports.
            (int) filter_var(trim(self::text($server['port'] ?? null) ?? (string) Schema::DEFAULTS['servers.reverb.port']), FILTER_VALIDATE_INT),
            self::text($server['path'] ?? null) ?? Schema::DEFAULTS['servers.reverb.path'],
        );
    }

    /** @return array{Publisher|null, string} */
    private function publisher(?Document $document): array
    {
        $name = $this->connections->nameOfUsed($document);
        $connection = $this->config->get("broadcasting.connections.{$name}");

        if (! is_array($connection)) {
            return [null, 'config/broadcasting.php has no "reverb" connection.'];
        }

        foreach (['app_id', 'key', 'secret', 'options.host'] as $key) {
            if (self::text(data_get($connection, $key)) === null) {
                return [null, "{$key} is empty."];
            }
        }

        try {
            $pusher = $this->app->make(BroadcastManager::class)->pusher($connection);
            $settings = $pusher->getSettings();
        } catch (Throwable $exception) {
            return [null, "Laravel cannot make a publisher of it: {$exception->getMessage()}"];
        }

        return [new Publisher(
            new Address(
                $settings['scheme'] === 'https',
                $settings['host'],
                (int) $settings['port'],
                self::prefix($settings['path']),
            ),
            $settings['app_id'],
            $settings['auth_key'],
            $settings['secret'],
            $name,
            $connection['driver'] === Connections::PUSHER ? 'PUSHER' : 'REVERB',
            self::client($pusher),
        ), ''];
    }

    /** Guzzle resolves paths relative to this one, so that the part after its last slash is dropped. */
    private static function prefix(string $path): string
    {
        return substr($path, 0, (int) strrpos($path, '/'));
    }

    /** Pusher's SDK has no public method for it. */
    private static function client(Pusher $pusher): ?ClientInterface
    {
        $client = (new ReflectionProperty($pusher, 'client'))->getValue($pusher);

        return $client instanceof ClientInterface ? $client : null;
    }

    /**
     * The values that Laravel's resources/js/echo.js reads from VITE_REVERB_* or VITE_PUSHER_*; those of the publisher if they are not set.
     */
    private function browsers(Environment $env, Publisher $publisher, string $path): Browsers
    {
        $origin = self::origin(self::text($this->config->get('app.url')) ?? '');
        $address = $publisher->address;
        $prefix = $this->browserPrefix($env, $publisher, 'HOST');
        $host = $prefix === null ? null : self::text($env->vite("{$prefix}_HOST"));
        $isSecure = $address->isSecure;
        $port = $address->port;

        if ($host !== null) {
            // pusher-js connects by TLS from every page that was loaded by TLS.
            $isSecure = ($env->vite("{$prefix}_SCHEME") ?? 'https') === 'https' || str_starts_with($origin, 'https://');
            $port = (int) (self::text($env->vite("{$prefix}_PORT")) ?? ($isSecure ? self::HTTPS_PORT : self::HTTP_PORT));
        }

        $keyName = ($this->browserPrefix($env, $publisher, 'APP_KEY') ?? "VITE_{$publisher->prefix}").'_APP_KEY';

        return new Browsers(
            new Address($isSecure, $host ?? $address->host, $port, $path),
            self::text($env->vite($keyName)) ?? $publisher->key,
            $origin,
            $prefix ?? $publisher->prefix,
            $keyName,
        );
    }

    /** The prefix of the variables for browsers that have a value; the kind of the publisher comes first. */
    private function browserPrefix(Environment $env, Publisher $publisher, string $name): ?string
    {
        foreach (array_unique(["VITE_{$publisher->prefix}", 'VITE_REVERB']) as $prefix) {
            if (self::text($env->vite("{$prefix}_{$name}")) !== null) {
                return $prefix;
            }
        }

        return null;
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
        $redis = [$this->config->get('database.redis'), $this->reverb->scaling()['server'] ?? null];
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
            ...array_map(static fn (mixed $connection): mixed => data_get($connection, 'secret'), array_values((array) $this->config->get('broadcasting.connections'))),
            ...$passwords,
        ]);
    }

    private static function text(mixed $value): ?string
    {
        return is_scalar($value) && (string) $value !== '' ? (string) $value : null;
    }
}
