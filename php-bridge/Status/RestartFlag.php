<?php

declare(strict_types=1);

namespace Revurb\Status;

use Illuminate\Contracts\Cache\Factory;

/**
 * The flag in the cache by which `reverb:restart` reaches every server, on every machine. It is Reverb's own.
 */
final readonly class RestartFlag
{
    public const KEY = 'laravel:reverb:restart';

    public function __construct(private Factory $cache) {}

    /**
     * Sets another value than the current one, also within the same second: supervisors react to a flag that has changed.
     *
     * @return string the flag
     */
    public function raise(int $time): string
    {
        $before = $this->read();
        $flag = is_numeric($before) && (int) $before >= $time ? (int) $before + 1 : $time;
        $this->cache->store()->forever(self::KEY, $flag);

        return (string) $flag;
    }

    /** Reads the store beneath the repository: a read every few seconds would flood listeners of cache events. */
    public function read(): mixed
    {
        return $this->cache->store()->getStore()->get(self::KEY);
    }
}
