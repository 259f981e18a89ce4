<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Config\Repository;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Status;
use RuntimeException;
use Throwable;

/**
 * `reverb:restart` reaches the server through the default store: whether one can write there, and read it again.
 */
final readonly class Cache implements Check
{
    private const KEY = 'revurb:doctor';

    private const SECONDS = 60;

    /** What is written there is gone with the process. */
    private const FORGETFUL = ['array', 'null'];

    public function __construct(
        private Factory $cache,
        private Repository $config,
        private DoctorContext $context,
        private Redis $redis,
        private CacheFault $fault,
    ) {}

    public function run(): CheckResult
    {
        $name = $this->config->get('cache.default');
        $name = is_string($name) ? $name : 'null';
        $store = $this->config->get("cache.stores.{$name}");
        $driver = is_array($store) && is_string($store['driver'] ?? null) ? $store['driver'] : $name;
        $seen = "store {$name}";

        if (in_array($driver, self::FORGETFUL, true)) {
            return CheckResult::warning(Code::CacheForgets, $seen, 'It forgets with the process, so that reverb:restart reaches no server.', $this->context->env->change('CACHE_STORE', 'file'));
        }

        if ($driver === 'redis' && $this->redis->ofCache()->status === Status::Problem) {
            return CheckResult::problem(Code::RedisUnreachable, $seen, 'reverb:restart cannot reach the server through it, as its Redis cannot be used.', 'See redis.');
        }

        try {
            $isKept = $this->remembers();
        } catch (Throwable $exception) {
            return $this->fault->of($exception, $driver, is_array($store) ? $store : [], $seen);
        }

        return $isKept
            ? CheckResult::ok("{$seen}: written and read")
            : $this->fault->of(new RuntimeException('What was written could not be read again.'), $driver, is_array($store) ? $store : [], $seen);
    }

    private function remembers(): bool
    {
        $store = $this->cache->store();
        $key = self::KEY.':'.bin2hex(random_bytes(8));
        $store->put($key, 'here', self::SECONDS);
        $isKept = $store->get($key) === 'here';
        $store->forget($key);

        return $isKept;
    }
}
