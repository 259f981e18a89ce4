<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Throwable;

interface RedisPing
{
    /**
     * @param  string  $client  the name of the library in Laravel: phpredis or predis
     * @param  array<array-key, mixed>  $redis  as `database.redis`
     *
     * @throws Throwable if Redis does not answer
     */
    public function ping(string $client, array $redis, string $connection): void;
}
