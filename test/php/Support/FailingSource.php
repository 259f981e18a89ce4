<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Apps\App;
use Revurb\Apps\AppSource;
use RuntimeException;

/** Its database is down when it is asked. */
final class FailingSource implements AppSource
{
    public function all(): array
    {
        throw new RuntimeException("The <database>\nis down.");
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
