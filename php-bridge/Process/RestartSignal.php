<?php

declare(strict_types=1);

namespace Revurb\Process;

use Illuminate\Contracts\Cache\Factory;

/**
 * The flag in the cache by which `reverb:restart` reaches every server, on every machine. It is Reverb's own.
 */
final readonly class RestartSignal
{
    public const KEY = 'laravel:reverb:restart';

    public function __construct(private Factory $cache) {}

    public function raise(int $time): void
    {
        $this->cache->store()->forever(self::KEY, $time);
    }

    /** Asks the store beneath the repository: a question every few seconds would flood whoever watches cache events. */
    public function read(): mixed
    {
        return $this->cache->store()->getStore()->get(self::KEY);
    }
}
