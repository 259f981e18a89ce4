<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Support\ConfigurationUrlParser;
use Revurb\Bridge\Scaling;
use Revurb\Bridge\UnusableRedis;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Status;
use Throwable;

/**
 * Checks Redis if the cache with the restart flag, the queue or scaling uses it.
 *
 * A use is identified by its purpose, and has the settings in the form of `database.redis` and the name of the connection.
 *
 * @phpstan-type RedisUse array{'single'|'sentinels'|'cluster', non-empty-list<array{array<array-key, mixed>, string}>}
 */
final readonly class Redis implements Check
{
    /** By the kind of address: the variables of the hosts and of the password. */
    private const VARIABLES = [
        'single' => [['REDIS_HOST', 'REDIS_PORT'], 'REDIS_PASSWORD'],
        'sentinels' => [['REVURB_REDIS_SENTINELS'], 'REVURB_REDIS_SENTINEL_PASSWORD'],
        'cluster' => [['REVURB_REDIS_CLUSTER'], 'REDIS_PASSWORD'],
    ];

    private const CERTIFICATES = "Where that Redis is configured: 'context' => ['stream' => [...]] with the cafile, local_cert or peer_name that it takes";

    public function __construct(
        private Repository $config,
        private RedisPing $ping,
        private DoctorContext $context,
        private Scaling $scaling,
    ) {}

    public function run(): CheckResult
    {
        return $this->ofUses($this->uses());
    }

    public function ofCache(): CheckResult
    {
        return $this->ofUses($this->cache());
    }

    /** @param  string  $use  what for */
    public function ofConnection(string $use, string $name): CheckResult
    {
        return $this->ofUses([$use => ['single', [[$this->array('database.redis'), $name ?: 'default']]]]);
    }

    /** @param  iterable<string, RedisUse>  $uses */
    private function ofUses(iterable $uses): CheckResult
    {
        $seen = [];

        try {
            foreach ($uses as $use => [$kind, $connections]) {
                $result = $this->ping($use, $kind, $connections);

                if ($result->status !== Status::Ok) {
                    return $result;
                }

                $seen[] = $result->subject;
            }
        } catch (UnusableRedis $exception) {
            return CheckResult::problem(Code::RedisUnusable, 'not checked, for scaling', $exception->getMessage(), UnusableRedis::PLACE);
        }

        return CheckResult::ok($seen === [] ? 'not used' : implode('; ', $seen));
    }

    /** @return iterable<string, RedisUse> */
    private function uses(): iterable
    {
        yield from $this->cache();

        if ($this->scaling->isEnabled()) {
            $redis = $this->scaling->redis();

            yield 'scaling' => [$redis->kind, array_map(static fn (array $settings): array => [['default' => $settings], 'default'], $redis->connections())];
        }
    }

    /** @return iterable<string, RedisUse> */
    private function cache(): iterable
    {
        $name = $this->text('cache.default');

        if ($this->text("cache.stores.{$name}.driver") === 'redis') {
            yield "the cache store {$name}" => ['single', [[$this->array('database.redis'), $this->text("cache.stores.{$name}.connection") ?: 'default']]];
        }
    }

    /**
     * Of several hosts, one that answers is enough.
     *
     * @param  'single'|'sentinels'|'cluster'  $kind
     * @param  non-empty-list<array{array<array-key, mixed>, string}>  $connections
     */
    private function ping(string $use, string $kind, array $connections): CheckResult
    {
        foreach ($connections as [$redis, $connection]) {
            $where = $this->where($redis[$connection] ?? []);

            try {
                $this->ping->ping($this->client(), $redis, $connection);

                return CheckResult::ok("{$where} answers, for {$use}");
            } catch (Throwable $exception) {
                [$code, $fix] = $this->fix($exception, $where, $kind);
                $result = CheckResult::problem($code, "{$where}, for {$use}", self::fault($exception), $fix);
            }
        }

        return $result;
    }

    /**
     * @param  'single'|'sentinels'|'cluster'  $kind
     * @return array{Code, string}
     */
    private function fix(Throwable $exception, string $where, string $kind): array
    {
        $message = $exception->getMessage();
        [$hosts, $password] = self::VARIABLES[$kind];

        return match (true) {
            str_contains($message, 'not found') || str_contains($message, 'extension') => [Code::RedisClientMissing, "The PHP extension redis; or composer require predis/predis, and {$this->context->env->change('REDIS_CLIENT', 'predis')}"],
            preg_match('/NOAUTH|WRONGPASS|AUTH/', $message) === 1 => [Code::RedisLogin, $this->context->env->place($password)],
            preg_match('/\bSSL\b|certificate|cafile/', $message) === 1 => [Code::RedisCertificate, self::CERTIFICATES],
            default => [Code::RedisUnreachable, "Start Redis on {$where}, or ".implode(' and ', array_map($this->context->env->place(...), $hosts))],
        };
    }

    /** The message in one line; OpenSSL's part is on a line of its own. */
    private static function fault(Throwable $exception): string
    {
        return strtok(str_replace("messages:\n", 'messages: ', $exception->getMessage()), "\n") ?: $exception::class;
    }

    private function where(mixed $connection): string
    {
        $parsed = (new ConfigurationUrlParser)->parseConfiguration(is_array($connection) ? $connection : []);

        return ($parsed['host'] ?? '127.0.0.1').':'.($parsed['port'] ?? '6379');
    }

    private function client(): string
    {
        return $this->text('database.redis.client') ?: 'phpredis';
    }

    private function text(string $key): string
    {
        $value = $this->config->get($key);

        return is_string($value) ? $value : '';
    }

    /** @return array<array-key, mixed> */
    private function array(string $key): array
    {
        $value = $this->config->get($key);

        return is_array($value) ? $value : [];
    }
}
