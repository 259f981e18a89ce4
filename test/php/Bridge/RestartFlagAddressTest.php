<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\RedisStore;
use Illuminate\Cache\Repository as CacheRepository;
use Illuminate\Config\Repository;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Cache\Repository as Cache;
use Illuminate\Contracts\Cache\Store;
use Illuminate\Contracts\Redis\Factory as Redis;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\RestartFlagAddress;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\TlsOptions;

final class RestartFlagAddressTest extends TestCase
{
    /** @param  array<string, mixed>  $redis */
    private function flag(array $redis, ?string $connection, ?Store $store = null): RestartFlagAddress
    {
        $store ??= new RedisStore($this->createStub(Redis::class), 'cache_');
        $config = new Repository([
            'cache' => ['default' => 'main', 'stores' => ['main' => array_filter(['driver' => 'redis', 'connection' => $connection])]],
            'database' => ['redis' => $redis],
        ]);
        $cache = new class($store) implements Factory
        {
            public function __construct(private Store $store) {}

            public function store($name = null): Cache
            {
                return new CacheRepository($this->store);
            }
        };

        return new RestartFlagAddress($cache, $config, new ReverbConfig($config), new TlsOptions(__DIR__, null));
    }

    public function test_the_key_has_the_prefixes_of_the_connection_and_the_store(): void
    {
        $flag = $this->flag(['options' => ['prefix' => 'app_'], 'default' => ['host' => 'a.test'], 'other' => ['host' => 'b.test', 'prefix' => 'own_']], null);
        $this->assertSame('app_cache_laravel:reverb:restart', $flag->toArray()['key'] ?? null);
        $this->assertSame('a.test', $flag->toArray()['server']['host'] ?? null);

        $flag = $this->flag(['options' => ['prefix' => 'app_'], 'other' => ['host' => 'b.test', 'prefix' => 'own_']], 'other');
        $this->assertSame('own_cache_laravel:reverb:restart', $flag->toArray()['key'] ?? null);
        $this->assertSame('b.test', $flag->toArray()['server']['host'] ?? null);
    }

    public function test_the_flag_of_a_cluster_has_the_address_of_all_nodes(): void
    {
        $nodes = [['host' => 'a.test', 'password' => 'p'], ['host' => 'b.test', 'port' => 7000, 'password' => 'p']];

        $this->assertSame(
            ['cluster' => [['host' => 'a.test', 'port' => 6379], ['host' => 'b.test', 'port' => 7000]], 'password' => 'p', 'tls' => false],
            $this->flag(['clusters' => ['main' => [...$nodes, 'options' => []]]], 'main')->toArray()['server'] ?? null,
        );
    }

    public function test_the_flag_has_the_tls_options_of_phpredis_and_predis(): void
    {
        $tls = fn (array $redis): mixed => $this->flag($redis, 'main')->toArray()['server']['tls'] ?? null;
        $given = ['cafile' => '/ca.pem'];
        $node = ['host' => 'a.test', 'scheme' => 'tls'];

        $this->assertSame($given, $tls(['main' => ['host' => 'a.test', 'context' => ['stream' => $given]]]));
        $this->assertSame($given, $tls(['main' => ['host' => 'a.test'], 'options' => ['context' => ['stream' => $given]]]));
        $this->assertSame($given, $tls(['main' => [...$node, 'ssl' => $given]]));
        $this->assertSame($given, $tls(['clusters' => ['main' => [[...$node, 'ssl' => $given]]]]));
        $this->assertSame($given, $tls(['clusters' => ['main' => [['host' => 'a.test'], 'options' => ['context' => $given]]]]));
        $this->assertSame($given, $tls(['clusters' => ['main' => [$node], 'options' => ['context' => $given]], 'options' => ['context' => ['cafile' => '/x']]]));
        $this->assertSame($given, $tls(['clusters' => ['main' => [$node]], 'options' => ['parameters' => ['ssl' => $given]]]));
    }

    public function test_the_prefix_of_a_cluster_is_read_from_its_options(): void
    {
        $flag = $this->flag(['options' => ['prefix' => 'app_'], 'clusters' => ['main' => [['host' => 'a.test'], 'options' => ['prefix' => 'own_']]]], 'main');

        $this->assertSame('own_cache_laravel:reverb:restart', $flag->toArray()['key'] ?? null);
    }

    public function test_a_store_that_a_server_cannot_read_has_no_address(): void
    {
        $redis = ['default' => ['host' => 'a.test']];

        $this->assertNull($this->flag($redis, null, new ArrayStore)->toArray());
        $this->assertNull($this->flag($redis, 'missing')->toArray());
        $this->assertNull($this->flag(['clusters' => ['main' => []]], 'main')->toArray());
        $this->assertNull($this->flag(['default' => ['host' => '/run/redis.sock']], null)->toArray());
    }
}
