<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Apps\App;
use Revurb\Apps\AppSource;
use RuntimeException;

/** Its database is down when it is made. */
final class UnmadeSource implements AppSource
{
    public function __construct()
    {
        throw new RuntimeException("The <database>\nis down.");
    }

    public function all(): array
    {
        return [];
    }

    public function byId(string $id): ?App
    {
        return null;
    }

    public function byKey(string $key): ?App
    {
        return null;
    }
}
