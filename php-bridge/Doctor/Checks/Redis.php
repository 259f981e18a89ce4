<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Closure;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Support\ConfigurationUrlParser;
use InvalidArgumentException;
use Revurb\Bridge\Scaling;
use Revurb\Bridge\UnusableRedis;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Diagnosis;
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
    private const SCALING = 'scaling';

    private const PERCENT_ENCODE = 'percent-encode special characters of its password, such as / as %2F';

    public function __construct(
        private Repository $config,
        private RedisPing $ping,
        private DoctorContext $context,
        private Scaling $scaling,
        private Diagnosis $diagnosis,
        private RedisFault $reason,
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
        $results = [];

        try {
            foreach ($uses as $use => [$kind, $connections]) {
                $results[$use] = $this->ping($use, $kind, $connections);
            }
        } catch (UnusableRedis $exception) {
            $results[self::SCALING] = $this->unusable($exception, UnusableRedis::PLACE);
        }

        $failed = array_filter($results, static fn (CheckResult $result): bool => $result->status !== Status::Ok);

        return match (true) {
            $results === [] => CheckResult::ok('not used'),
            $failed === [] => CheckResult::ok(self::subject($results, ' answers, for ')),
            default => CheckResult::problem(
                reset($failed)->code,
                self::subject($failed, ', for '),
                self::each($failed, static fn (CheckResult $result): string => (string) $result->problem),
                self::each($failed, static fn (CheckResult $result): string => (string) $result->fix).$this->afterChange($failed),
            ),
        };
    }

    /**
     * What has to follow a change of the settings. A server whose cache is changed too looks for restarts in the one that it knows.
     *
     * @param  array<string, CheckResult>  $failed  by the use
     */
    private function afterChange(array $failed): string
    {
        return match (true) {
            ! isset($failed[self::SCALING]) => $this->context->env->afterChange('REDIS_URL'),
            count($failed) > 1 => $this->diagnosis->thenRestart(how: 'stop the server and start it again'),
            default => $this->diagnosis->thenRestart(),
        };
    }

    /**
     * Each address, and what uses it.
     *
     * @param  array<string, CheckResult>  $results  by the use
     */
    private static function subject(array $results, string $verb): string
    {
        $uses = [];

        foreach ($results as $use => $result) {
            $uses[$result->subject][] = $use;
        }

        return implode('; ', array_map(static fn (string $where, array $uses): string => $where.$verb.implode(' and ', $uses), array_keys($uses), $uses));
    }

    /**
     * @param  array<string, CheckResult>  $results
     * @param  Closure(CheckResult): string  $text
     */
    private static function each(array $results, Closure $text): string
    {
        return implode('; ', array_unique(array_map($text, $results)));
    }

    /** @return iterable<string, RedisUse> */
    private function uses(): iterable
    {
        yield from $this->cache();

        if ($this->scaling->isEnabled()) {
            $redis = $this->scaling->redis();

            yield self::SCALING => [$redis->kind, array_map(static fn (array $settings): array => [['default' => $settings], 'default'], $redis->connections())];
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
     * @return CheckResult whose subject is the address
     */
    private function ping(string $use, string $kind, array $connections): CheckResult
    {
        foreach ($connections as [$redis, $connection]) {
            try {
                $where = $this->where($redis[$connection] ?? []);
            } catch (InvalidArgumentException $exception) {
                return $this->unusable($exception, "config/database.php: redis.{$connection}.url: ".self::PERCENT_ENCODE);
            }

            try {
                $this->ping->ping($this->reason->client(), $redis, $connection);

                return CheckResult::ok($where);
            } catch (Throwable $exception) {
                $result = $this->reason->result($exception, $where, $kind, $use === self::SCALING ? null : $connection);
            }
        }

        return $result;
    }

    /** The settings cannot be parsed, most often because of a password in REDIS_URL, from which the cache and scaling both take them. */
    private function unusable(Throwable $exception, string $place): CheckResult
    {
        $url = $this->context->env->laravel('REDIS_URL') ?? '';

        return parse_url($url) !== false || str_starts_with($url, 'unix:')
            ? CheckResult::problem(Code::RedisUnusable, 'not checked', $exception->getMessage(), $place)
            : CheckResult::problem(Code::RedisUnusable, 'not checked', 'REDIS_URL is malformed', $this->context->env->place('REDIS_URL').': '.self::PERCENT_ENCODE);
    }

    /** @throws InvalidArgumentException if its URL is malformed */
    private function where(mixed $connection): string
    {
        $parsed = (new ConfigurationUrlParser)->parseConfiguration(is_array($connection) ? $connection : []);
        $host = (string) preg_replace('~^\w+://~', '', $parsed['host'] ?? '127.0.0.1');

        return "{$host}:".($parsed['port'] ?? '6379');
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
