<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Foundation\Application;
use Illuminate\Redis\RedisManager;

/**
 * Sends the PING through Laravel's own connections, with shorter timeouts.
 */
final readonly class LaravelRedisPing implements RedisPing
{
    private const SECONDS = 3;

    private const TIMEOUTS = ['timeout' => self::SECONDS, 'read_timeout' => self::SECONDS, 'read_write_timeout' => self::SECONDS, 'max_retries' => 0];

    public function __construct(private Application $app) {}

    public function ping(string $client, array $redis, string $connection): void
    {
        if (is_array($redis[$connection] ?? null)) {
            $redis[$connection] = [...$redis[$connection], ...self::TIMEOUTS];
        }

        (new RedisManager($this->app, $client, $redis))->connection($connection)->command('ping');
    }
}
