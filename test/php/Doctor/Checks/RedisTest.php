<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Code;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;
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

    public function test_a_redis_that_answers_all_is_named_once(): void
    {
        $this->redis(null);
        $this->useRedis();
        $this->configure(['database.redis.cache' => ['host' => 'tls://redis.test'], 'reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => 'tls://redis.test']]]);

        $this->assertSame('redis.test:6379 answers, for the cache store redis and scaling', $this->found('redis')->subject);
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
        $this->assertFound(Status::Problem, 'as its Redis cannot be used', 'See redis.', $this->found('cache'));
    }

    #[TestWith(["Redis::connect(): SSL operation failed with code 1. OpenSSL Error messages:\nerror:0A000086:SSL routines::certificate verify failed", '.env:1 REVURB_REDIS_CAFILE=/path/to/ca.pem'])]
    #[TestWith(["failed loading cafile stream: `/nowhere.pem'", '.env:1 REVURB_REDIS_CAFILE=/path/to/ca.pem'])]
    #[TestWith(["Redis::connect(): Peer certificate subjectAltName did not match expected name `redis.test'", 'REVURB_REDIS_PEER_NAME=name-in-its-certificate'])]
    #[TestWith(["Redis::connect(): Unable to set local cert chain file `/nowhere.pem'; Check that your cafile/capath settings include details", 'REVURB_REDIS_CERT=/path/to/client.pem'])]
    #[TestWith(["Redis::connect(): Unable to set private key file `/nowhere.pem'", 'REVURB_REDIS_KEY=/path/to/client.key'])]
    public function test_a_certificate_of_redis_that_does_not_fit_is_a_problem_with_the_variable_of_scaling(string $failure, string $fix): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale(['host' => 'tls://redis.test']);
        $this->write(['REVURB_REDIS_CAFILE=/old.pem']);

        $result = $this->found('redis');

        $this->assertFound(Status::Problem, str_replace("\n", ' ', $failure), $fix, $result);
        $this->assertSame(Code::RedisCertificate, $result->code);
    }

    #[TestWith(['phpredis', 'context.stream'])]
    #[TestWith(['predis', 'ssl'])]
    public function test_a_certificate_that_does_not_fit_is_a_problem_with_the_key_of_the_connection_of_laravel(string $client, string $options): void
    {
        $this->redis(new RuntimeException('SSL operation failed: certificate verify failed'));
        $this->useRedis();
        $this->configure(['database.redis.client' => $client]);

        $this->assertSame("config/database.php: redis.cache.{$options}.cafile => '/path/to/ca.pem'", $this->found('redis')->fix);
    }

    #[TestWith(['Path cannot be empty', 'cafile'])]
    #[TestWith(["failed loading cafile stream: `'", 'cafile'])]
    #[TestWith(["Unable to set local cert chain file `'; Check that your cafile/capath settings include details", 'local_cert'])]
    #[TestWith(["Peer certificate subjectAltName did not match expected name `'", 'peer_name'])]
    public function test_an_empty_option_is_named_as_that(string $failure, string $option): void
    {
        $this->redis(new RuntimeException($failure));
        $this->useRedis();
        $this->configure(['database.redis.client' => 'phpredis']);

        $result = $this->found('redis');

        $this->assertFound(Status::Problem, "context.stream.{$option} is empty", "config/database.php: redis.cache.context.stream.{$option} => '", $result);
        $this->assertStringEndsWith(', or the variable that it reads', (string) $result->fix);
        $this->assertSame(Code::RedisCertificate, $result->code);
    }

    public function test_a_port_that_speaks_no_tls_is_no_matter_of_certificates(): void
    {
        $this->redis(new RuntimeException('Redis::connect(): SSL: Handshake timed out'));
        $this->scale(['host' => 'tls://redis.test']);

        $this->assertFound(Status::Problem, 'Handshake timed out', 'REDIS_PORT', $this->found('redis'));
    }

    public function test_a_redis_that_fails_is_named_with_everything_that_uses_it(): void
    {
        $this->redis(new RuntimeException('certificate verify failed'));
        $this->useRedis();
        $this->configure([
            'database.redis.client' => 'phpredis',
            'database.redis.cache' => ['host' => 'tls://redis.test', 'port' => '6380'],
            'reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => 'tls://redis.test', 'port' => '6380']],
        ]);
        $this->write(['REVURB_REDIS_CAFILE=']);

        $result = $this->found('redis');

        $this->assertSame(['redis.test:6380, for the cache store redis and scaling', 'certificate verify failed'], [$result->subject, $result->problem]);
        $this->assertSame("config/database.php: redis.cache.context.stream.cafile => '/path/to/ca.pem'; .env:1 REVURB_REDIS_CAFILE=/path/to/ca.pem, and then: stop the server and start it again", $result->fix);
    }

    #[TestWith(['redis://:pa/ss@redis.test', 'Connection refused', '.env:1 REDIS_URL: percent-encode special characters of its password, such as / as %2F'])]
    #[TestWith(['', 'certificate verify failed', '.env:2 REVURB_REDIS_CAFILE=/path/to/ca.pem'])]
    #[TestWith(['', 'Connection refused', 'Start Redis on bus.test:6379; or .env, a new line: REDIS_HOST and .env, a new line: REDIS_PORT'])]
    public function test_the_steps_after_a_change_for_scaling_are_named_once(string $url, string $failure, string $fix): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale(['url' => $url, 'host' => 'bus.test']);
        $this->write(["REDIS_URL={$url}", 'REVURB_REDIS_CAFILE=']);
        $this->application()->instance(Network::class, FakeNetwork::healthy());
        $this->application()->instance('config_loaded_from_cache', true);

        $this->assertSame("{$fix}, and then php artisan config:cache, and then: php artisan reverb:restart", $this->found('redis')->fix);
    }

    /** The server looks for restarts in the cache that it has read at its start. */
    public function test_a_server_whose_cache_is_changed_too_has_to_be_stopped_and_started(): void
    {
        $this->redis(new RuntimeException('NOAUTH Authentication required.'));
        $this->useRedis();
        $this->scale(['host' => 'redis.test', 'port' => '6380']);
        $this->write(['REDIS_PASSWORD=']);
        $this->application()->instance(Network::class, FakeNetwork::healthy());

        $this->assertSame('.env:1 REDIS_PASSWORD, and then: stop the server and start it again', $this->found('redis')->fix);
    }

    public function test_a_client_that_is_configured_already_has_to_be_installed_only(): void
    {
        $this->redis(new RuntimeException('Class "Predis\Client" not found'));
        $this->useRedis();
        $this->write(['REDIS_CLIENT=predis']);
        $this->assertSame('composer require predis/predis', $this->found('redis')->fix);

        $this->configure(['database.redis.client' => 'phpredis']);
        $this->assertSame('The PHP extension redis; or composer require predis/predis, and .env:1 REDIS_CLIENT, which config/database.php must read', $this->found('redis')->fix);

        $this->write([]);
        $this->assertSame('The PHP extension redis; or composer require predis/predis, and .env, a new line: REDIS_CLIENT=predis', $this->found('redis')->fix);
    }

    public function test_each_redis_that_fails_is_named(): void
    {
        $this->redis(new RuntimeException('Connection refused'));
        $this->useRedis();
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => 'bus.test']]]);

        $result = $this->found('redis');

        $this->assertSame(['redis.test:6380, for the cache store redis; bus.test:6379, for scaling', 'Connection refused'], [$result->subject, $result->problem]);
        $this->assertStringContainsString('Start Redis on bus.test:6379', (string) $result->fix);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_redis_url_that_laravel_cannot_parse_is_named_with_its_line(bool $isOfCache): void
    {
        $ping = $this->redis(null);
        $url = 'rediss://:pa/ss+w0rd@redis.test:6380';
        $this->write(['', "REDIS_URL={$url}"]);

        if ($isOfCache) {
            $this->useRedis();
            $this->configure(['database.redis.cache.url' => $url]);
        }

        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['url' => $url]]]);
        $result = $this->found('redis');

        $this->assertFound(Status::Problem, 'REDIS_URL is malformed', '.env:2 REDIS_URL: percent-encode special characters of its password', $result);
        $this->assertSame('not checked, for '.($isOfCache ? 'the cache store redis and scaling' : 'scaling'), $result->subject);
        $this->assertSame(Code::RedisUnusable, $result->code);
        $this->assertStringNotContainsString('w0rd', $result->detail().$result->fix);
        $this->assertSame([], $ping->asked ?? null);
        $this->assertSame('See redis.', $this->found('config')->fix);
        $this->assertSame($isOfCache ? Status::Problem : Status::Ok, $this->found('cache')->status);
        $this->assertNotSame(Code::CheckFailed, $this->found('cache')->code);
    }

    public function test_another_url_that_laravel_cannot_parse_is_named_with_its_key(): void
    {
        $this->redis(null);
        $this->useRedis();
        $this->configure(['database.redis.cache.url' => 'redis://:pa/ss@redis.test']);

        $this->assertFound(Status::Problem, 'malformed', 'config/database.php: redis.cache.url: percent-encode', $this->found('redis'));
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

    public function test_a_redis_that_cannot_be_used_is_a_warning_for_the_queue_with_its_reason(): void
    {
        $this->redis(new RuntimeException('certificate verify failed'));
        $this->configure([
            'queue.default' => 'redis',
            'queue.connections.redis' => ['driver' => 'redis', 'connection' => 'jobs'],
            'database.redis' => ['client' => 'phpredis', 'jobs' => ['host' => 'tls://redis.test']],
        ]);

        $this->assertFound(Status::Warning, 'redis.test:6379, for the queue redis: certificate verify failed', 'config/database.php: redis.jobs.context.stream.cafile', $this->found('queue'));
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
        $this->assertFound(Status::Problem, 'not over a Unix socket', 'See redis.', $this->found('config'));
        $this->assertSame([], $ping->asked ?? null);
    }
}
