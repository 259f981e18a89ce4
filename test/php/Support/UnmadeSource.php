<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

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
}
