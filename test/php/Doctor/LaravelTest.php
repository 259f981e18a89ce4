<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\NullStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Apps\AppSource;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Checks\RedisPing;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Process\BunFinder;
use Revurb\Process\ServerScript;
use Revurb\Process\VersionProbe;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeCache;
use RuntimeException;
use Throwable;

/**
 * What is read out of Laravel's configuration, and the checks of it.
 */
final class LaravelTest extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();

        $this->application()->instance(Network::class, FakeNetwork::healthy()->with('http://chat.test:80', FakeNetwork::error(4001)));
        $this->application()->instance(VersionProbe::class, new class implements VersionProbe
        {
            public function versionOf(string $file): string
            {
                return '1.4.5';
            }
        });
        $this->configure([
            'app.url' => 'http://chat.test',
            'queue.default' => 'sync',
            'broadcasting.default' => 'reverb',
            'broadcasting.connections.reverb' => [
                'driver' => 'reverb', 'key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456',
                'options' => ['host' => 'chat.test', 'port' => '80', 'scheme' => 'http'],
            ],
            'cache.default' => 'file',
            'cache.stores.file' => ['driver' => 'file', 'path' => "{$this->base}/storage/framework/cache"],
            'reverb.servers.reverb.revurb.bun' => __FILE__,
        ]);
        $this->script('exit 0');
    }

    /** A server that only says what it thinks of a document. */
    private function script(string $code): void
    {
        file_put_contents("{$this->base}/bun", "#!/bin/sh\nread -r document\n{$code}\n");
        chmod("{$this->base}/bun", 0700);
        $this->configure(['reverb.servers.reverb.revurb.bun' => "{$this->base}/bun"]);
        $this->application()->instance(ServerScript::class, new ServerScript(__FILE__, ['PATH' => '/usr/bin:/bin']));
    }

    private function read(Overrides $overrides = new Overrides): DoctorContext
    {
        return $this->make(DoctorContextFactory::class)->read($overrides);
    }

    private function found(string $name): CheckResult
    {
        foreach ($this->make(CheckRunner::class)->of($this->read()) as $check => $result) {
            if ($check === $name) {
                return $result;
            }
        }

        throw new RuntimeException("There is no check {$name}.");
    }

    private function assertFound(Status $status, string $fault, string $fix, CheckResult $result): void
    {
        $this->assertSame($status, $result->status, $result->detail());
        $this->assertStringContainsString($fault, (string) $result->problem);
        $this->assertStringContainsString($fix, (string) $result->fix);
    }

    /** @param  list<string>  $lines */
    private function write(array $lines): void
    {
        file_put_contents("{$this->base}/.env", implode("\n", $lines));
    }

    public function test_the_setup_is_what_laravel_has(): void
    {
        $context = $this->read();

        $this->assertSame('http://127.0.0.1:8080', $context->server->url());
        $this->assertSame('http://chat.test:80', $context->publisher?->address->url());
        $this->assertSame('123456', $context->publisher->id);
        $this->assertSame('ws://chat.test:80', $context->browsers?->address->url(scheme: 'ws'));
        $this->assertSame('the-key', $context->browsers->key);
        $this->assertSame('http://chat.test', $context->browsers->origin);
        $this->assertSame(600, $context->timestampTolerance());
    }

    public function test_the_command_line_goes_before_the_configuration(): void
    {
        $this->assertSame('http://127.0.0.2:6001/ws', $this->read(new Overrides('127.0.0.2', '6001', 'ws'))->server->url());
        $this->configure(['reverb.apps.provider' => 'database']);
        $this->assertSame('http://127.0.0.2:6001/ws', $this->read(new Overrides('127.0.0.2', '6001', 'ws'))->server->url());
    }

    /** @return iterable<string, array{list<string>, string}> */
    public static function browserLines(): iterable
    {
        yield 'all' => [['VITE_REVERB_HOST=ws.test', 'VITE_REVERB_PORT=6001', 'VITE_REVERB_SCHEME=http'], 'ws://ws.test:6001'];
        yield 'host alone, as Echo has its defaults' => [['VITE_REVERB_HOST=ws.test'], 'wss://ws.test:443'];
        yield 'no port' => [['VITE_REVERB_HOST=ws.test', 'VITE_REVERB_SCHEME=http'], 'ws://ws.test:80'];
        yield 'no host' => [['VITE_REVERB_PORT=6001'], 'ws://chat.test:80'];
    }

    /** @param  list<string>  $lines */
    #[DataProvider('browserLines')]
    public function test_browsers_are_told_by_the_lines_of_vite(array $lines, string $url): void
    {
        $this->write($lines);

        $this->assertSame($url, $this->read()->browsers?->address->url(scheme: 'ws'));
    }

    #[TestWith(['/ws/', '/ws'])]
    #[TestWith(['/ws', ''])]
    #[TestWith(['', ''])]
    public function test_a_publishers_path_counts_to_its_last_slash(string $path, string $prefix): void
    {
        $this->configure(['broadcasting.connections.reverb.options.path' => $path]);

        $this->assertSame($prefix, $this->read()->publisher?->address->path);
    }

    #[TestWith([null, true])]
    #[TestWith([false, false])]
    #[TestWith(['/ca.pem', '/ca.pem'])]
    public function test_certificates_are_held_against_what_guzzle_is_told(mixed $option, bool|string $verify): void
    {
        $this->configure(['broadcasting.connections.reverb.client_options' => ['verify' => $option]]);

        $this->assertSame($verify, $this->read()->publisher?->address->verify);
    }

    public function test_addresses_that_fit(): void
    {
        $this->assertSame(Status::Ok, $this->found('addresses')->status, $this->found('addresses')->detail());
    }

    /** @return iterable<string, array{Status, array<string, mixed>, list<string>, string, string}> */
    public static function misfits(): iterable
    {
        $connection = 'broadcasting.connections.reverb';

        yield 'no connection' => [Status::Problem, [$connection => null], [], 'no "reverb" connection', 'reverb:install'];
        yield 'no host' => [Status::Problem, ["{$connection}.options.host" => null], [], 'options.host is empty', 'REVERB_*'];
        yield 'no key' => [Status::Problem, ["{$connection}.key" => ''], [], 'key is empty', 'REVERB_*'];
        yield 'unmakeable' => [Status::Problem, ["{$connection}.options.encryption_master_key_base64" => '!'], [], 'cannot make a publisher', 'reverb:install'];
        yield 'id' => [Status::Problem, ["{$connection}.app_id" => '7'], ['REVERB_APP_ID=7'], 'no app with the id 7', '.env:1 REVERB_APP_ID'];
        yield 'key' => [Status::Problem, ["{$connection}.key" => 'other'], [], 'Its key is not', 'REVERB_APP_KEY'];
        yield 'secret' => [Status::Problem, ["{$connection}.secret" => 'other'], [], 'Its secret is not', 'REVERB_APP_SECRET'];
        yield 'key of browsers' => [Status::Problem, [], ['VITE_REVERB_APP_KEY=other'], 'no app with that key', '.env:1 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"'];
        yield 'other broadcaster' => [Status::Problem, ['broadcasting.default' => 'log'], ['BROADCAST_CONNECTION=log'], '"log" writes events into the log', '.env:1 BROADCAST_CONNECTION=reverb'];
        yield 'mixed content' => [Status::Warning, ['app.url' => 'https://chat.test'], ['VITE_REVERB_HOST=chat.test', 'VITE_REVERB_SCHEME=http'], 'wss only', '.env:2 VITE_REVERB_SCHEME=https'];
        yield 'listen only' => [Status::Problem, [], ['VITE_REVERB_HOST=0.0.0.0'], 'no client can connect', '.env:1 VITE_REVERB_HOST=localhost'];
        yield 'host with a scheme' => [Status::Problem, [], ['VITE_REVERB_HOST=https://chat.test/'], 'more than a host name', '.env:1 VITE_REVERB_HOST=chat.test'];
    }

    /**
     * @param  array<string, mixed>  $config
     * @param  list<string>  $env
     */
    #[DataProvider('misfits')]
    public function test_addresses_that_do_not_fit(Status $status, array $config, array $env, string $fault, string $fix): void
    {
        $this->configure($config);
        $this->write($env);

        $this->assertFound($status, $fault, $fix, $this->found('addresses'));
    }

    public function test_browsers_of_another_app(): void
    {
        $this->configure(['reverb.apps.apps.1' => ['app_id' => '2', 'key' => 'second', 'secret' => 'the-second-secret']]);
        $this->write(['VITE_REVERB_APP_KEY=second']);

        $this->assertFound(Status::Warning, 'another app', 'VITE_REVERB_APP_KEY', $this->found('addresses'));
    }

    public function test_bun(): void
    {
        $this->assertStringStartsWith('1.4.5, ', $this->found('bun')->subject);
    }

    public function test_no_bun(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        $this->assertFound(Status::Problem, '/no/such/bun', 'REVURB_BUN', $this->found('bun'));
        $this->assertFound(Status::Warning, 'Without Bun', 'npm install bun', $this->found('config'));

        $this->configure(['reverb.servers.reverb.revurb.bun' => null]);
        $this->application()->bind(BunFinder::class, fn (): BunFinder => new BunFinder($this->make(VersionProbe::class), $this->base));
        $this->assertFound(Status::Problem, 'was not found', 'npm install bun', $this->found('bun'));

        $this->write(['REVURB_BUN=/usr/bin/bun']);
        $this->assertFound(Status::Problem, 'was not found', 'php artisan config:cache', $this->found('bun'));
    }

    public function test_a_configuration_that_is_sound(): void
    {
        $this->assertSame('1 app(s), http://127.0.0.1:8080', $this->found('config')->subject);
    }

    public function test_a_configuration_with_faults(): void
    {
        $this->script("echo '".json_encode(['level' => 'error', 'message' => 'The port is no number.', 'context' => ['key' => 'servers.reverb.port', 'variable' => 'REVERB_SERVER_PORT']])."'; echo '".json_encode(['level' => 'error', 'message' => 'A key is missing.'])."'; exit 78");
        $this->write(['REVERB_SERVER_PORT=x']);

        $this->assertFound(Status::Problem, 'The port is no number.; A key is missing.', '.env:1 REVERB_SERVER_PORT, or config/reverb.php: servers.reverb.port', $this->found('config'));
    }

    public function test_a_configuration_with_a_key_that_nobody_knows(): void
    {
        $this->script("echo '".json_encode(['level' => 'warn', 'message' => 'servers.reverb.revurb.x is not known and was ignored', 'context' => ['key' => 'servers.reverb.revurb.x']])."'");

        $this->assertFound(Status::Warning, 'servers.reverb.revurb.x is not known', 'servers.reverb.revurb.x', $this->found('config'));
    }

    public function test_a_line_of_the_env_file_that_laravel_cannot_read(): void
    {
        $this->write(['A=1', '# a comment', 'B=two words', 'C=3']);
        $result = $this->found('config');

        $this->assertSame([Code::EnvUnreadable, '.env:3'], [$result->code, $result->subject]);
        $this->assertFound(Status::Problem, 'unexpected whitespace', '.env:3: double quotes around the value', $result);

        $this->write(['A=1', '# a comment', 'B="two words"', 'C=3']);
        $this->assertSame(Status::Ok, $this->found('config')->status);
    }

    public function test_a_broadcaster_that_is_not_one_of_laravels(): void
    {
        $this->configure(['broadcasting.default' => 'own', 'broadcasting.connections.own' => ['driver' => 'own']]);

        $this->assertFound(Status::Warning, 'whose driver "own" is not one of Laravel', 'BROADCAST_CONNECTION=reverb', $this->found('addresses'));
    }

    public function test_a_default_that_does_not_come_from_the_env_file(): void
    {
        $this->configure(['broadcasting.default' => 'log']);
        $this->write(['BROADCAST_CONNECTION=reverb']);
        $this->assertFound(Status::Problem, 'writes events into the log', "config/broadcasting.php: 'default' => env('BROADCAST_CONNECTION', 'null')", $this->found('addresses'));

        // Of an application that was made with Laravel 10.
        file_put_contents("{$this->base}/config/broadcasting.php", "<?php return ['default' => env('BROADCAST_DRIVER', 'null')];");
        $this->write(['BROADCAST_CONNECTION=reverb', 'BROADCAST_DRIVER=log']);
        $this->assertFound(Status::Problem, 'writes events into the log', '.env:2 BROADCAST_DRIVER=reverb', $this->found('addresses'));
    }

    public function test_a_judge_that_crashes(): void
    {
        $this->script('echo "Segmentation fault" >&2; exit 139');

        $this->assertFound(Status::Problem, 'Segmentation fault', 'config/reverb.php', $this->found('config'));
    }

    public function test_the_judge_is_told_no_secret_but_over_stdin(): void
    {
        putenv('DOCTOR_TEST=the-secret');
        $this->script('if env | grep -q the-secret; then echo "ERROR seen" >&2; exit 78; fi; case "$document" in *the-secret*) exit 0;; esac; exit 1');

        $result = $this->found('config');
        putenv('DOCTOR_TEST');

        $this->assertSame(Status::Ok, $result->status, $result->detail());
    }

    public function test_a_missing_script(): void
    {
        $this->application()->instance(ServerScript::class, new ServerScript('/nowhere/revurb.js', []));

        $this->assertFound(Status::Problem, '/nowhere/revurb.js', 'composer reinstall', $this->found('config'));
    }

    public function test_a_provider_that_nobody_knows(): void
    {
        $this->configure(['reverb.apps.provider' => 'database']);

        $this->assertFound(Status::Problem, '[database]', 'config/reverb.php', $this->found('config'));
    }

    public function test_apps_that_cannot_be_read_now(): void
    {
        $this->application()->bind(AppSource::class, fn () => throw new RuntimeException('The database is down.'));

        $this->assertFound(Status::Problem, 'The database is down', 'reverb:start --check', $this->found('config'));
    }

    public function test_a_cached_configuration_that_is_older_than_the_env_file(): void
    {
        file_put_contents("{$this->base}/bootstrap/cache/config.php", '<?php return [];');
        touch("{$this->base}/bootstrap/cache/config.php", time() - 60);

        $this->assertFound(Status::Warning, 'was changed since', 'config:cache', $this->found('config'));
    }

    public function test_a_cached_configuration_from_before_this_package(): void
    {
        $this->application()->instance('config_loaded_from_cache', true);
        $this->assertSame(Status::Ok, $this->found('config')->status);

        $this->configure(['reverb.servers.reverb.revurb' => ['bun' => "{$this->base}/bun"]]);
        $this->assertFound(Status::Warning, 'has no servers.reverb.revurb.log (nor 8 other keys)', 'php artisan config:cache', $this->found('config'));

        $this->script("echo '".json_encode(['level' => 'error', 'message' => 'apps must name at least one.', 'context' => ['key' => 'apps']])."'; exit 78");
        $this->configure(['reverb' => ['servers' => ['reverb' => ['revurb' => ['bun' => "{$this->base}/bun"]]]]]);
        $this->assertFound(Status::Problem, 'apps must name at least one.', 'php artisan config:cache', $this->found('config'));

        $this->application()->instance('config_loaded_from_cache', false);
        $this->assertFound(Status::Problem, 'apps must name at least one.', 'config/reverb.php', $this->found('config'));
    }

    public function test_a_cache_that_remembers(): void
    {
        $this->assertSame('store file: written and read', $this->found('cache')->subject);
        $this->assertSame([], (new Filesystem)->allFiles("{$this->base}/storage/framework/cache"));
    }

    public function test_a_cache_that_takes_everything_and_keeps_nothing(): void
    {
        $this->application()->instance(Factory::class, new class implements Factory
        {
            public function store($name = null): Repository
            {
                return new Repository(new NullStore);
            }
        });

        $this->assertFound(Status::Problem, 'could not be read again', 'config/cache.php', $this->found('cache'));
    }

    public function test_a_cache_that_forgets_with_the_process(): void
    {
        $this->configure(['cache.default' => 'array', 'cache.stores.array' => ['driver' => 'array']]);

        $this->assertFound(Status::Warning, 'forgets', 'CACHE_STORE=file', $this->found('cache'));
    }

    #[TestWith(['file', 'config/cache.php'])]
    #[TestWith(['memcached', 'config/cache.php'])]
    public function test_a_cache_that_is_down(string $driver, string $fix): void
    {
        $cache = new FakeCache;
        $cache->isDown = true;
        $this->application()->instance(Factory::class, $cache);
        $this->configure(['cache.stores.file.driver' => $driver]);

        $this->assertFound(Status::Problem, 'The cache is down.', $fix, $this->found('cache'));
    }

    /** @param  string|null  $survivor  the one host that answers all the same */
    private function redis(?Throwable $failure, ?string $survivor = null): object
    {
        $this->application()->instance(RedisPing::class, $ping = new class($failure, $survivor) implements RedisPing
        {
            /** @var list<array<array-key, mixed>> */
            public array $asked = [];

            public function __construct(private ?Throwable $failure, private ?string $survivor) {}

            public function ping(string $client, array $redis, string $connection): void
            {
                $this->asked[] = [$client, $redis[$connection] ?? null];

                if ($this->failure !== null && ($redis[$connection]['host'] ?? null) !== $this->survivor) {
                    throw $this->failure;
                }
            }
        });

        return $ping;
    }

    private function useRedis(): void
    {
        $this->configure([
            'cache.default' => 'redis',
            'cache.stores.redis' => ['driver' => 'redis', 'connection' => 'cache'],
            'database.redis' => ['client' => 'predis', 'cache' => ['url' => 'redis://user:the-password@redis.test:6380', 'host' => 'ignored']],
        ]);
    }

    public function test_redis_is_asked_only_where_it_is_used(): void
    {
        $ping = $this->redis(new RuntimeException('Connection refused'));

        $this->assertSame('not used', $this->found('redis')->subject);
        $this->assertSame([], $ping->asked ?? null);
    }

    public function test_redis_that_answers(): void
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
    public function test_redis_that_does_not(string $failure, string $fix): void
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
    public function test_redis_whose_certificate_is_not_trusted(string $failure, string $fault): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale(['host' => 'tls://redis.test']);

        $this->assertFound(Status::Problem, $fault, 'cafile, local_cert or peer_name', $this->found('redis'));
    }

    /** @param  array<string, mixed>  $server */
    private function scale(array $server): void
    {
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => $server]]);
    }

    public function test_redis_is_asked_where_the_server_will_find_it(): void
    {
        $ping = $this->redis(null);
        $this->scale(['url' => 'rediss://chat:p@redis.test:6380/3', 'host' => 'ignored', 'port' => '6379']);

        $this->assertSame('redis.test:6380 answers, for scaling', $this->found('redis')->subject);
        $this->assertSame(
            [['phpredis', ['host' => 'redis.test', 'port' => 6380, 'username' => 'chat', 'password' => 'p', 'database' => '3', 'scheme' => 'tls']]],
            $ping->asked ?? null,
        );
    }

    public function test_redis_is_asked_with_the_certificates_that_the_server_will_have(): void
    {
        $ping = $this->redis(null);
        $this->scale(['host' => 'redis.test', 'context' => ['stream' => ['cafile' => '/ca.pem', 'passphrase' => null]]]);

        $this->assertSame(Status::Ok, $this->found('redis')->status);
        $tls = ['scheme' => 'tls', 'context' => ['stream' => ['cafile' => '/ca.pem']], 'ssl' => ['cafile' => '/ca.pem']];
        $this->assertSame([['phpredis', ['host' => 'redis.test', 'port' => 6379, ...$tls]]], $ping->asked ?? null);
    }

    #[TestWith(['sentinels', 'b.test:26379'])]
    #[TestWith(['cluster', 'b.test:6379'])]
    public function test_of_several_one_that_answers_is_enough(string $kind, string $where): void
    {
        $this->redis(new RuntimeException('Connection refused'), 'b.test');
        $this->scale([$kind => 'a.test,b.test,c.test']);

        $this->assertSame("{$where} answers, for scaling", $this->found('redis')->subject);
    }

    #[TestWith(['sentinels', 'Connection refused', 'REVURB_REDIS_SENTINELS'])]
    #[TestWith(['sentinels', 'NOAUTH Authentication required.', 'REVURB_REDIS_SENTINEL_PASSWORD'])]
    #[TestWith(['cluster', 'Connection refused', 'REVURB_REDIS_CLUSTER'])]
    #[TestWith(['cluster', 'NOAUTH Authentication required.', '.env:1 REDIS_PASSWORD'])]
    public function test_of_several_none_answers(string $kind, string $failure, string $fix): void
    {
        $this->redis(new RuntimeException($failure));
        $this->scale([$kind => 'a.test:7000,b.test:7000']);
        $this->write(['REDIS_PASSWORD=x']);

        $result = $this->found('redis');

        $this->assertFound(Status::Problem, $failure, $fix, $result);
        $this->assertSame('b.test:7000, for scaling', $result->subject);
    }

    public function test_the_cache_is_not_blamed_for_the_redis_of_scaling(): void
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

    public function test_what_scaling_keeps_secret_is_told_nobody(): void
    {
        $this->redis(new RuntimeException('of-the-bus of-the-server of-the-sentinels of-the-key'));
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'secret' => 'of-the-bus', 'server' => [
            'sentinels' => 'a.test', 'password' => 'of-the-server', 'sentinel_password' => 'of-the-sentinels',
            'context' => ['stream' => ['passphrase' => 'of-the-key']],
        ]]]);

        $this->assertSame('******** ******** ******** ********', $this->found('redis')->problem);
    }

    public function test_scaling_over_a_socket(): void
    {
        $ping = $this->redis(null);
        $this->scale(['host' => '/run/redis.sock']);

        $this->assertFound(Status::Problem, 'not over a Unix socket', 'servers.reverb.scaling.server', $this->found('redis'));
        $this->assertFound(Status::Problem, 'not over a Unix socket', 'config/reverb.php', $this->found('config'));
        $this->assertSame([], $ping->asked ?? null);
    }

    public function test_a_free_port_and_one_that_is_taken(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->assertNotFalse($socket);
        $name = (string) stream_socket_get_name($socket, false);
        $this->configure(['reverb.servers.reverb.port' => substr($name, (int) strrpos($name, ':') + 1)]);

        $this->assertFound(Status::Problem, 'Another program', '.env, a new line: REVERB_SERVER_PORT=', $this->found('port'));
        fclose($socket);
        $this->assertSame(Status::Ok, $this->found('port')->status);
    }

    public function test_a_port_that_is_not_needed_here(): void
    {
        $this->application()->instance(Network::class, FakeNetwork::healthy('http://chat.test:80')->with('http://127.0.0.1:8080', new Reply(200, [], '<html>')));

        $this->assertStringContainsString('not needed', $this->found('port')->subject);
        $this->assertSame(Status::Ok, $this->found('port')->status);
        $this->assertStringContainsString('not on this machine', $this->found('server')->subject);
    }

    #[TestWith(['80a'])]
    #[TestWith(['eighty'])]
    #[TestWith(['70000'])]
    #[TestWith([-1])]
    public function test_a_port_that_is_none(int|string $port): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->configure(['reverb.servers.reverb.port' => $port]);

        $this->assertFound(Status::Problem, 'is no port.', 'REVERB_SERVER_PORT=8080', $this->found('port'));
    }

    public function test_a_host_that_is_none_of_this_machine(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->configure(['reverb.servers.reverb.host' => '203.0.113.7']);

        $this->assertFound(Status::Problem, '203.0.113.7 is no address of this machine', 'REVERB_SERVER_HOST=0.0.0.0', $this->found('port'));
    }

    public function test_a_check_that_fails_is_a_finding_and_the_others_go_on(): void
    {
        $this->redis(null);
        $this->application()->bind(Factory::class, fn () => throw new RuntimeException("No the-secret\nhere \e[31m"));

        $result = $this->found('cache');

        $this->assertSame(Status::Problem, $result->status);
        $this->assertStringStartsWith('No ******** here \x1b[31m (LaravelTest.php:', (string) $result->problem);
        $this->assertSame(Status::Ok, $this->found('port')->status);
    }

    public function test_the_command_says_a_line_for_each_check(): void
    {
        [$code, $output] = $this->artisanCall('reverb:doctor');

        $this->assertSame(1, $code);
        $this->assertMatchesRegularExpression('~^  ✓ server +http://127\.0\.0\.1:8080 answers, and knows the app$~m', $output);
        $this->assertMatchesRegularExpression('~^  ✗ browser +ws://chat\.test:80/app/the-key\n      The server knows no app .+\n      → php artisan reverb:restart.*$~m', $output);
        $this->assertStringContainsString('Broken: publisher, browser.', $output);
        $this->assertStringNotContainsString('the-secret', $output);
    }

    public function test_the_command_for_programs(): void
    {
        $this->application()->instance(Network::class, FakeNetwork::healthy()->with('http://chat.test:80/apps/', new \Revurb\Doctor\Probes\Reply(200, [], '{"channels":{}}'))->with('http://chat.test:80/app/', FakeNetwork::greeting('pusher:connection_established', '{}')));
        [$code, $output] = $this->artisanCall('reverb:doctor', ['--json' => true]);

        $report = json_decode($output, true);

        $this->assertSame(0, $code, $output);
        $this->assertSame(1, substr_count($output, "\n"));
        $this->assertIsArray($report);
        $this->assertContains($report['verdict'], ['healthy', 'warnings']);
        $this->assertSame(
            ['php', 'bun', 'config', 'limits', 'addresses', 'redis', 'cache', 'port', 'server', 'supervisor', 'publisher', 'browser', 'round-trip', 'assets', 'queue', 'clock', 'descriptors', 'kernel'],
            array_column($report['checks'], 'name'),
        );
        $this->assertSame(['name', 'status', 'code', 'detail', 'fix'], array_keys($report['checks'][0]));
    }

    public function test_the_command_takes_what_start_takes(): void
    {
        $this->application()->instance(Network::class, $network = new FakeNetwork);
        $this->artisanCall('reverb:doctor', ['--json' => true, '--host' => '127.0.0.2', '--port' => '6001', '--path' => 'ws']);

        $this->assertContains('http://127.0.0.2:6001/ws/up', array_column($network->asked, 0));
    }

    public function test_about_has_a_section(): void
    {
        [$code, $output] = $this->artisanCall('about', ['--only' => 'revurb', '--json' => true]);
        $about = json_decode($output, true);

        $this->assertSame(0, $code);
        $this->assertIsArray($about);
        $this->assertEqualsCanonicalizing(['apps', 'browsers_connect_to', 'bun', 'laravel_publishes_to', 'server', 'version'], array_keys($about['revurb']));
        $this->assertSame('http://127.0.0.1:8080', $about['revurb']['server']);
        $this->assertStringStartsWith('1.4.5, ', $about['revurb']['bun']);
    }

    public function test_about_asks_bun_for_this_section_alone_and_once(): void
    {
        $probe = new class implements VersionProbe
        {
            public int $asked = 0;

            public function versionOf(string $file): string
            {
                $this->asked++;

                return '1.4.5';
            }
        };
        $this->application()->instance(VersionProbe::class, $probe);

        $this->assertSame(0, $this->artisanCall('about', ['--only' => 'environment'])[0]);
        $this->assertSame(0, $probe->asked);
        $this->assertSame(0, $this->artisanCall('about', ['--only' => 'revurb'])[0]);
        $this->assertSame(1, $probe->asked);
    }

    public function test_about_has_it_also_where_all_is_missing(): void
    {
        $this->configure(['reverb' => [], 'broadcasting.connections.reverb' => null, 'reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        [$code, $output] = $this->artisanCall('about', ['--only' => 'revurb']);

        $this->assertSame(0, $code);
        $this->assertStringContainsString('not found', $output);
        $this->assertStringContainsString((new Address(false, '127.0.0.1', 8080))->url(), $output);
    }
}
