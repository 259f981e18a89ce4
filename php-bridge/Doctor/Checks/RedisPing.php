<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Throwable;

interface RedisPing
{
    /**
     * @param  string  $client  Laravel's name for the library
     * @param  array<array-key, mixed>  $redis  as `database.redis`
     *
     * @throws Throwable where there is no answer
     */
    public function ping(string $client, array $redis, string $connection): void;
}
