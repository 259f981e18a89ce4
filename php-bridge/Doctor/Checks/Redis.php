<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Support\ConfigurationUrlParser;
use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Setup;
use Throwable;

/**
 * Only where something of ours uses it: the restart flag in the cache, or scaling.
 */
final readonly class Redis implements Check
{
    private const SCALING = 'reverb.servers.reverb.scaling';

    public function __construct(
        private Repository $config,
        private RedisPing $ping,
        private Setup $setup,
    ) {}

    public function look(): Finding
    {
        $seen = [];

        foreach ($this->uses() as $use => [$redis, $connection]) {
            $where = $this->where($redis[$connection] ?? []);

            try {
                $this->ping->ping($this->client(), $redis, $connection);
            } catch (Throwable $exception) {
                return Finding::problem("{$where}, for {$use}", strtok($exception->getMessage(), "\n") ?: $exception::class, $this->fix($exception, $where));
            }

            $seen[] = "{$where} answers, for {$use}";
        }

        return Finding::ok($seen === [] ? 'not used' : implode('; ', $seen));
    }

    /** @return array<string, array{array<array-key, mixed>, string}> for what → its settings, as `database.redis`, and the connection there */
    private function uses(): array
    {
        $uses = [];
        $name = $this->text('cache.default');

        if ($this->text("cache.stores.{$name}.driver") === 'redis') {
            $uses["the cache store {$name}"] = [$this->array('database.redis'), $this->text("cache.stores.{$name}.connection") ?: 'default'];
        }

        if (filter_var($this->config->get(self::SCALING.'.enabled'), FILTER_VALIDATE_BOOL)) {
            $uses['scaling'] = [['default' => $this->array(self::SCALING.'.server')], 'default'];
        }

        return $uses;
    }

    private function fix(Throwable $exception, string $where): string
    {
        $message = $exception->getMessage();

        return match (true) {
            str_contains($message, 'not found') || str_contains($message, 'extension') => "The PHP extension redis; or composer require predis/predis, and {$this->setup->env->change('REDIS_CLIENT', 'predis')}",
            preg_match('/NOAUTH|WRONGPASS|AUTH/', $message) === 1 => $this->setup->env->place('REDIS_PASSWORD'),
            default => "Start Redis on {$where}, or {$this->setup->env->place('REDIS_HOST')} and {$this->setup->env->place('REDIS_PORT')}",
        };
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
