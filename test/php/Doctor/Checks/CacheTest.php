<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Illuminate\Cache\NullStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use Revurb\Tests\Support\FakeCache;

final class CacheTest extends DoctorAppTestCase
{
    public function test_a_cache_that_keeps_values_is_ok(): void
    {
        $this->assertSame('store file: written and read', $this->found('cache')->subject);
        $this->assertSame([], (new Filesystem)->allFiles("{$this->base}/storage/framework/cache"));
    }

    public function test_a_cache_that_keeps_nothing_is_a_problem(): void
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

    public function test_a_cache_in_memory_is_a_warning(): void
    {
        $this->configure(['cache.default' => 'array', 'cache.stores.array' => ['driver' => 'array']]);

        $this->assertFound(Status::Warning, 'forgets', 'CACHE_STORE=file', $this->found('cache'));
    }

    #[TestWith(['file', 'config/cache.php'])]
    #[TestWith(['memcached', 'config/cache.php'])]
    public function test_a_cache_that_is_down_is_a_problem_with_its_fix(string $driver, string $fix): void
    {
        $cache = new FakeCache;
        $cache->isDown = true;
        $this->application()->instance(Factory::class, $cache);
        $this->configure(['cache.stores.file.driver' => $driver]);

        $this->assertFound(Status::Problem, 'The cache is down.', $fix, $this->found('cache'));
    }
}
