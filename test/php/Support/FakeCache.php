<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use RuntimeException;

final class FakeCache implements Factory
{
    public bool $isDown = false;

    public int $questions = 0;

    private readonly Repository $repository;

    public function __construct()
    {
        $this->repository = new Repository(new ArrayStore);
    }

    public function store($name = null): Repository
    {
        $this->questions++;

        return $this->isDown ? throw new RuntimeException('The cache is down.') : $this->repository;
    }
}
