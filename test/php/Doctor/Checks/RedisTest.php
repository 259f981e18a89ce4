<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use RuntimeException;

final class RedisTest extends DoctorAppTestCase
{
    public function test_redis_is_checked_only_if_it_is_used(): void
    {
        $ping = $this->redis(new RuntimeException('Connection refused'));

        $this->assertSame('not used', $this->found('redis')->subject);
        $this->assertSame([], $ping->asked ?? null);
    }

    public function test_a_redis_that_answers_is_ok(): void
    {
        $ping = $this->redis(null);
        $this->useRedis();
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => 'true', 'server' => ['host' => 'other.test', 'port' => '6381']]]);

        $this->assertSame('redis.test:6380 answers, for the cache store redis; other.test:6381 answers, for scaling', $this->found('redis')->subject);
        $this->assertSame(['predis', ['host' => 'other.test', 'port' => '6381']], $ping->asked[1] ?? null);
    }

    #[TestWith(['Connection refused', '.env:1 REDIS_HOST'])]
    #[TestWith(['NOAUTH Authentication required.', 'REDIS_PASSWORD'])]
    #[TestWith(['Class "Redis" not found', 'predis/predis'])]
    public function test_a_redis_that_does_not_answer_is_a_problem_with_its_fix(string $failure, string $fix): void
    {
        $this->redis(new RuntimeException("{$failure}\nthe-password"));
        $this->useRedis();
        $this->write(['REDIS_HOST=redis.test']);

        $result = $this->found('redis');

        $this->assertFound(Status::Problem, $failure, $fix, $result);
        $this->assertSame('redis.test:6380, for the cache store redis', $result->subject);
        $this->assertFound(Status::Problem, 'as Redis does not answer', 'redis', $this->found('cache'));
    }

    #[TestWith(["Redis::connect(): SSL operation failed with code 1. OpenSSL Error messages:\nerror:0A000086:SSL routines::certificate verify failed", 'certificate verify failed'])]
    #[TestWith(["Redis::connect(): Peer certificate subjectAltName did not match expected name `redis.test'", 'did not match'])]
    #[TestWith(['failed loading cafile stream: `/nowhere.pem\'', '/nowhere.pem'])]
    public function test_an_untrusted_certificate_of_redis_is_a_problem(string $failure, string $fault): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale(['host' => 'tls://redis.test']);

        $this->assertFound(Status::Problem, $fault, 'cafile, local_cert or peer_name', $this->found('redis'));
    }

    public function test_redis_is_checked_at_the_address_that_the_server_uses(): void
    {
        $ping = $this->redis(null);
        $this->scale(['url' => 'rediss://chat:p@redis.test:6380/3', 'host' => 'ignored', 'port' => '6379']);

        $this->assertSame('redis.test:6380 answers, for scaling', $this->found('redis')->subject);
        $this->assertSame(
            [['phpredis', ['host' => 'redis.test', 'port' => 6380, 'username' => 'chat', 'password' => 'p', 'database' => '3', 'scheme' => 'tls']]],
            $ping->asked ?? null,
        );
    }

    public function test_redis_is_checked_with_the_certificates_of_the_server(): void
    {
        $ping = $this->redis(null);
        $this->scale(['host' => 'redis.test', 'context' => ['stream' => ['cafile' => '/ca.pem', 'passphrase' => null]]]);

        $this->assertSame(Status::Ok, $this->found('redis')->status);
        $tls = ['scheme' => 'tls', 'context' => ['stream' => ['cafile' => '/ca.pem']], 'ssl' => ['cafile' => '/ca.pem']];
        $this->assertSame([['phpredis', ['host' => 'redis.test', 'port' => 6379, ...$tls]]], $ping->asked ?? null);
    }

    #[TestWith(['sentinels', 'b.test:26379'])]
    #[TestWith(['cluster', 'b.test:6379'])]
    public function test_of_several_redis_hosts_one_that_answers_is_enough(string $kind, string $where): void
    {
        $this->redis(new RuntimeException('Connection refused'), 'b.test');
        $this->scale([$kind => 'a.test,b.test,c.test']);

        $this->assertSame("{$where} answers, for scaling", $this->found('redis')->subject);
    }

    #[TestWith(['sentinels', 'Connection refused', 'REVURB_REDIS_SENTINELS'])]
    #[TestWith(['sentinels', 'NOAUTH Authentication required.', 'REVURB_REDIS_SENTINEL_PASSWORD'])]
    #[TestWith(['cluster', 'Connection refused', 'REVURB_REDIS_CLUSTER'])]
    #[TestWith(['cluster', 'NOAUTH Authentication required.', '.env:1 REDIS_PASSWORD'])]
    public function test_several_redis_hosts_of_which_none_answers_are_a_problem(string $kind, string $failure, string $fix): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale([$kind => 'a.test:7000,b.test:7000']);
        $this->write(['REDIS_PASSWORD=x']);

        $result = $this->found('redis');

        $this->assertFound(Status::Problem, $failure, $fix, $result);
        $this->assertSame('b.test:7000, for scaling', $result->subject);
    }

    public function test_an_unreachable_redis_of_scaling_is_no_problem_of_the_cache(): void
    {
        $this->redis(new RuntimeException('Connection refused'), 'cache.test');
        $this->scale(['host' => 'bus.test', 'port' => '6379']);
        $this->configure([
            'cache.default' => 'redis',
            'cache.stores.redis' => ['driver' => 'redis', 'connection' => 'cache'],
            'database.redis.cache' => ['host' => 'cache.test'],
        ]);
        $this->application()->instance(Factory::class, new class implements Factory
        {
            public function store($name = null): Repository
            {
                return new Repository(new ArrayStore);
            }
        });

        $this->assertSame('bus.test:6379, for scaling', $this->found('redis')->subject);
        $this->assertSame(Status::Ok, $this->found('cache')->status);
    }

    public function test_secrets_of_scaling_are_masked(): void
    {
        $this->redis(new RuntimeException('of-the-bus of-the-server of-the-sentinels of-the-key'));
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'secret' => 'of-the-bus', 'server' => [
            'sentinels' => 'a.test', 'password' => 'of-the-server', 'sentinel_password' => 'of-the-sentinels',
            'context' => ['stream' => ['passphrase' => 'of-the-key']],
        ]]]);

        $this->assertSame('******** ******** ******** ********', $this->found('redis')->problem);
    }

    public function test_a_unix_socket_for_scaling_is_a_problem(): void
    {
        $ping = $this->redis(null);
        $this->scale(['host' => '/run/redis.sock']);

        $this->assertFound(Status::Problem, 'not over a Unix socket', 'servers.reverb.scaling.server', $this->found('redis'));
        $this->assertFound(Status::Problem, 'not over a Unix socket', 'config/reverb.php', $this->found('config'));
        $this->assertSame([], $ping->asked ?? null);
    }
}
