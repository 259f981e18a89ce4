<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Cache\RedisStore;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Config\Repository;
use Revurb\Status\RestartFlag;

/**
 * Where a server can read the flag of `reverb:restart` itself: in a cache that is kept in Redis.
 */
final readonly class RestartFlagAddress
{
    public function __construct(
        private Factory $cache,
        private Repository $config,
        private ReverbConfig $reverb,
        private TlsOptions $tls,
    ) {}

    /** @return array{key: string, server: array<string, mixed>}|null the document's `restart`; null if a server cannot read the cache */
    public function toArray(): ?array
    {
        $store = $this->cache->store()->getStore();
        $settings = $this->connection();

        if (! $store instanceof RedisStore || $settings === null) {
            return null;
        }

        try {
            $redis = RedisAddress::of($settings, $this->tls);

            return ['key' => ($redis->prefix() ?? $this->reverb->redisPrefix()).$store->getPrefix().RestartFlag::KEY, 'server' => $redis->toArray()];
        } catch (UnusableRedis) {
            return null;
        }
    }

    /** @return array<array-key, mixed>|null */
    private function connection(): ?array
    {
        $store = $this->reverb->cacheStore();
        $name = $store === '' ? null : $this->config->get("cache.stores.{$store}.connection") ?? 'default';

        return is_string($name) ? $this->reverb->redis($name) : null;
    }
}
