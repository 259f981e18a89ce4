<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Support\Collection;
use Laravel\Reverb\Application;
use Laravel\Reverb\Contracts\ApplicationProvider;
use RuntimeException;

final class FailingProvider implements ApplicationProvider
{
    /** @param  bool  $isMade  whether it fails only when it is asked */
    public function __construct(bool $isMade)
    {
        $isMade || throw new RuntimeException('No such table');
    }

    public function all(): Collection
    {
        throw new RuntimeException('No such table');
    }

    public function findById(string $id): Application
    {
        throw new RuntimeException('No such table');
    }

    public function findByKey(string $key): Application
    {
        throw new RuntimeException('No such table');
    }
}
