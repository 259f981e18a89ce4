<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Apps\AppSource;
use RuntimeException;

/** Its database is down when it is asked. */
final class FailingSource implements AppSource
{
    public function all(): array
    {
        throw new RuntimeException("The <database>\nis down.");
    }
}
