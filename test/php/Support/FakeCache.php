<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\NullStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use RuntimeException;

final class FakeCache implements Factory
{
    public bool $isDown = false;

    /** What is written is not kept, and reading finds nothing and does not fail. */
    public bool $isReadOnly = false;

    /** @var (Closure(): mixed)|null what happens until a cache that is down has failed */
    public ?Closure $beforeFailing = null;

    public int $questions = 0;

    private readonly Repository $repository;

    private readonly Repository $readOnly;

    public function __construct()
    {
        $this->repository = new Repository(new ArrayStore);
        $this->readOnly = new Repository(new NullStore);
    }

    public function store($name = null): Repository
    {
        $this->questions++;

        if ($this->isDown && $this->beforeFailing !== null) {
            ($this->beforeFailing)();
        }

        return match (true) {
            $this->isDown => throw new RuntimeException('The cache is down.'),
            $this->isReadOnly => $this->readOnly,
            default => $this->repository,
        };
    }
}
