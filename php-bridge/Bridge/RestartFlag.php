<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Cache\RedisStore;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Config\Repository;
use Revurb\Process\RestartSignal;

/**
 * Where a server can look for the flag of `reverb:restart` by itself: in a cache that Redis keeps.
 */
final readonly class RestartFlag
{
    public function __construct(private Factory $cache, private Repository $config, private ReverbConfig $reverb) {}

    /** @return array{key: string, server: array<string, mixed>}|null the document's `restart`; null where a server cannot look */
    public function toArray(): ?array
    {
        $store = $this->cache->store()->getStore();
        $settings = $this->connection();

        if (! $store instanceof RedisStore || $settings === null) {
            return null;
        }

        try {
            $redis = RedisAddress::of($settings);

            return ['key' => ($redis->prefix() ?? $this->reverb->redisPrefix()).$store->getPrefix().RestartSignal::KEY, 'server' => $redis->toArray()];
        } catch (UnusableRedis) {
            return null;
        }
    }

    /** @return array<array-key, mixed>|null */
    private function connection(): ?array
    {
        $store = $this->config->get('cache.default');
        $name = is_string($store) ? $this->config->get("cache.stores.{$store}.connection") ?? 'default' : null;

        if (! is_string($name)) {
            return null;
        }

        $single = $this->config->get("database.redis.{$name}");

        return is_array($single) ? $single : $this->cluster($this->config->get("database.redis.clusters.{$name}"));
    }

    /** @return array<array-key, mixed>|null one login for all its nodes */
    private function cluster(mixed $cluster): ?array
    {
        $nodes = is_array($cluster) ? array_values(array_filter($cluster, static fn (mixed $node): bool => is_array($node) && isset($node['host']))) : [];

        return $nodes === [] ? null : [...$nodes[0], 'cluster' => $nodes];
    }
}
