<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Support\Arr;

/**
 * The only reader of config/reverb.php. Older files lack newer keys, so no key is required.
 */
final readonly class ReverbConfig
{
    public function __construct(private Repository $config) {}

    /** @return array<array-key, mixed> */
    public function all(): array
    {
        return $this->array('reverb');
    }

    /** @return array<array-key, mixed> */
    public function server(): array
    {
        return $this->array('reverb.servers.reverb');
    }

    /** @return array<array-key, mixed> */
    public function revurbOptions(): array
    {
        return $this->array('reverb.servers.reverb.revurb');
    }

    /** @return array<array-key, mixed> */
    public function scaling(): array
    {
        return $this->array('reverb.servers.reverb.scaling');
    }

    /**
     * The Redis for scaling. As with Reverb it is Laravel's default connection if none is configured; Revurb's own keys apply to either.
     *
     * @return array<array-key, mixed>
     */
    public function scalingRedis(): array
    {
        $server = $this->array('reverb.servers.reverb.scaling.server');

        return Arr::except($server, Schema::REDIS_ADDED) === [] ? [...$this->redis('default') ?? [], ...self::present($server)] : $server;
    }

    /**
     * One of Laravel's connections, with the options that Laravel adds. For a cluster, the credentials of its first node are those of all
     * nodes.
     *
     * @return array<array-key, mixed>|null
     */
    public function redis(string $name): ?array
    {
        $options = $this->array('database.redis.options');
        $single = $this->array("database.redis.{$name}");

        if ($single !== []) {
            return [...$single, 'options' => [...$options, ...$this->array("database.redis.{$name}.options")]];
        }

        $cluster = $this->array("database.redis.clusters.{$name}");
        $nodes = array_values(array_filter($cluster, static fn (mixed $node): bool => is_array($node) && isset($node['host'])));
        $options = [...$options, ...$this->array('database.redis.clusters.options'), ...$this->array("database.redis.clusters.{$name}.options")];

        return $nodes === [] ? null : [...$nodes[0], 'cluster' => $nodes, 'options' => $options];
    }

    /** The prefix that Laravel adds to all names in Redis. */
    public function redisPrefix(): ?string
    {
        return $this->text('database.redis.options.prefix');
    }

    /** The name of Laravel's default cache store, which has the restart flag and the records of servers; empty if there is none. */
    public function cacheStore(): string
    {
        $name = $this->config->get('cache.default');

        return is_string($name) ? $name : '';
    }

    public function appKey(): ?string
    {
        return $this->text('app.key');
    }

    /** @return array<array-key, mixed> `provider` and `apps` */
    public function appsSection(): array
    {
        return $this->array('reverb.apps');
    }

    /** @return array<array-key, mixed> */
    public function apps(): array
    {
        return $this->array('reverb.apps.apps');
    }

    public function appProvider(): string
    {
        return $this->text('reverb.apps.provider') ?? Schema::DEFAULTS['apps.provider'];
    }

    /** The Bun that is configured, if any. */
    public function bun(): ?string
    {
        return $this->text('reverb.servers.reverb.revurb.bun');
    }

    /** Where `reverb:bun --install` gets Bun from, if not from Bun's own releases. */
    public function bunMirror(): ?string
    {
        return $this->text('reverb.servers.reverb.revurb.bun_mirror');
    }

    /** The format of the log of `reverb:start`, `text` or `json`. */
    public function logFormat(): string
    {
        return $this->text('reverb.servers.reverb.revurb.log') ?? Schema::DEFAULTS['servers.reverb.revurb.log'];
    }

    /** The log channel to which `reverb:start` copies its log, if any. */
    public function logChannel(): ?string
    {
        return $this->text('reverb.servers.reverb.revurb.log_channel');
    }

    public function hasLogChannel(string $name): bool
    {
        return $this->config->get("logging.channels.{$name}") !== null;
    }

    /**
     * Seconds between two ingests.
     *
     * @param  'pulse'|'telescope'  $tool
     */
    public function ingestInterval(string $tool): float
    {
        $seconds = $this->config->get("reverb.servers.reverb.{$tool}_ingest_interval");

        return is_numeric($seconds) ? max(1.0, (float) $seconds) : (float) Schema::DEFAULTS["servers.reverb.{$tool}_ingest_interval"];
    }

    /** Seconds for which the server recognises a publish by its key; 0 if it does not. */
    public function idempotencySeconds(): int
    {
        $seconds = $this->config->get('reverb.servers.reverb.revurb.idempotency_seconds');

        return match (true) {
            $seconds === false => 0,
            is_numeric($seconds) => max(0, (int) $seconds),
            default => Schema::DEFAULTS['servers.reverb.revurb.idempotency_seconds'],
        };
    }

    /** @return array<array-key, mixed> */
    private function array(string $key): array
    {
        $value = $this->config->get($key);

        return is_array($value) ? $value : [];
    }

    /**
     * The values without nulls, and without groups that contain nothing else.
     *
     * @param  array<array-key, mixed>  $values
     * @return array<array-key, mixed>
     */
    private static function present(array $values): array
    {
        $values = array_map(static fn (mixed $value): mixed => is_array($value) ? self::present($value) : $value, $values);

        return array_filter($values, static fn (mixed $value): bool => $value !== null && $value !== []);
    }

    private function text(string $key): ?string
    {
        $value = $this->config->get($key);

        return is_string($value) && $value !== '' ? $value : null;
    }
}
