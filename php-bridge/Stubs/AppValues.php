<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Illuminate\Contracts\Foundation\Application;
use Revurb\Bridge\ListenHost;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\Schema;

/**
 * The values of this application for the placeholders of the files.
 */
final readonly class AppValues
{
    /** Seconds after its drain that a process manager gives the server to stop: more than `reverb:start` itself gives it. */
    private const STOP_MARGIN = 20;

    /** Seconds that a pod of Kubernetes serves on, while the nodes learn that it is about to stop. */
    private const PRE_STOP = 5;

    /** Seconds after those within which the server detects a dead client. */
    private const IDLE_MARGIN = 30;

    private const BODY_SIZE = 'servers.reverb.max_request_size';

    private const PING_INTERVAL = 'apps.apps.*.ping_interval';

    /** Descriptors: one for each connection, and some more. */
    private const OPEN_FILES = 65_535;

    public function __construct(
        private Application $app,
        private ReverbConfig $config,
        private SailValues $sail,
        private ImageValues $image,
    ) {}

    /**
     * @return array<string, string>
     *
     * @throws UnquotablePath
     */
    public function all(): array
    {
        $folder = AppFolder::reachedBy($this->app->basePath(), $this->server('PWD'), $this->server('SCRIPT_FILENAME'));
        $port = $this->port();
        $path = trim($this->text('path'), '/');
        [$user, $uid, $gid] = $this->owner();

        return [
            'app' => $folder,
            'command' => implode(' ', array_map(self::quoted(...), [PHP_BINARY, "{$folder}/artisan", 'reverb:start'])),
            'php' => PHP_BINARY,
            'user' => $user,
            'uid' => $uid,
            'gid' => $gid,
            'hostname' => $this->hostname(),
            'address' => $this->host().":{$port}",
            'port' => $port,
            'next_port' => (string) ((int) $port + 1),
            'path' => $path === '' ? '' : "/{$path}",
            'drain_seconds' => (string) $this->drainSeconds(),
            'stop_seconds' => (string) ($this->drainSeconds() + self::STOP_MARGIN),
            'pre_stop_seconds' => (string) self::PRE_STOP,
            'pod_stop_seconds' => (string) (self::PRE_STOP + $this->drainSeconds() + self::STOP_MARGIN),
            'idle_seconds' => (string) $this->idleSeconds(),
            'max_body_bytes' => (string) $this->maxBodyBytes(),
            'open_files' => (string) self::OPEN_FILES,
            ...$this->image->all(),
            ...$this->sail->all(PHP_MAJOR_VERSION.'.'.PHP_MINOR_VERSION),
        ];
    }

    /** A word for Supervisor and systemd. Both read double quotes, and give `%`, `$` and some other characters different meanings. */
    private static function quoted(string $word): string
    {
        return match (true) {
            preg_match('~^[\w./:@+=,-]+$~', $word) === 1 => $word,
            preg_match('~[%$"\\\\;\x00-\x1f]~', $word) === 1 => throw new UnquotablePath($word),
            default => "\"{$word}\"",
        };
    }

    /** The name that browsers connect to. It is not known here if Laravel publishes past the proxy, to an address. */
    private function hostname(): string
    {
        $name = $this->text('hostname') ?: 'localhost';

        return $name === 'localhost' || filter_var(trim($name, '[]'), FILTER_VALIDATE_IP) !== false ? 'the host that browsers connect to' : $name;
    }

    /** The host by which a proxy on this machine reaches the server. */
    private function host(): string
    {
        $host = ListenHost::bare($this->text('host'));

        return match (true) {
            $host === '0.0.0.0', $host === '::' => '127.0.0.1',
            str_contains($host, ':') => "[{$host}]",
            default => $host,
        };
    }

    /** YAML reads some numbers with a leading zero as octal ones. */
    private function port(): string
    {
        $port = $this->text('port');

        return is_numeric($port) ? (string) (int) $port : $port;
    }

    private function drainSeconds(): int
    {
        $drain = $this->config->revurbOptions()['drain_seconds'] ?? null;

        return is_numeric($drain) ? (int) ceil((float) $drain) : Schema::DEFAULTS['servers.reverb.revurb.drain_seconds'];
    }

    /**
     * Seconds of a proxy's idle timeout. A silent client is pinged after three quarters of its app's `ping_interval`, 50 seconds at most,
     * and closed a whole interval later.
     */
    private function idleSeconds(): int
    {
        $intervals = array_map(
            static fn (mixed $app): int => is_array($app) && is_numeric($app['ping_interval'] ?? null) ? (int) ceil((float) $app['ping_interval']) : Schema::DEFAULTS[self::PING_INTERVAL],
            $this->config->apps(),
        );

        return 2 * max([Schema::ZEROS[self::PING_INTERVAL], ...$intervals]) + self::IDLE_MARGIN;
    }

    /**
     * The largest body that a proxy passes on: the largest one that the server still reads completely, so that a body over
     * `max_request_size` gets the server's 413, which names the limit. A larger one gets the proxy's 413, and takes no room on its disk.
     */
    private function maxBodyBytes(): int
    {
        $configured = $this->config->server()['max_request_size'] ?? null;
        $bytes = $configured === false || is_numeric($configured) ? (int) $configured : Schema::DEFAULTS[self::BODY_SIZE];

        return 2 * min($bytes > 0 ? $bytes : Schema::ZEROS[self::BODY_SIZE], Schema::MAXIMA[self::BODY_SIZE]) + 65_536;
    }

    /**
     * The application runs as the user who owns `storage`. Where that is root, the files name www-data, the user of Debian's web servers.
     *
     * @return array{string, string, string} name, user id, group id
     */
    private function owner(): array
    {
        $uid = function_exists('posix_getpwuid') ? @fileowner($this->app->storagePath()) : false;
        $user = $uid === false || $uid === 0 ? false : posix_getpwuid($uid);

        return $user === false ? ['www-data', '33', '33'] : [$user['name'], (string) $user['uid'], (string) $user['gid']];
    }

    /** @param  value-of<Schema::SERVER>  $key */
    private function text(string $key): string
    {
        $value = $this->config->server()[$key] ?? null;

        return is_scalar($value) && (string) $value !== '' ? (string) $value : (string) (Schema::DEFAULTS["servers.reverb.{$key}"] ?? '');
    }

    private function server(string $name): ?string
    {
        return is_string($_SERVER[$name] ?? null) ? $_SERVER[$name] : null;
    }
}
