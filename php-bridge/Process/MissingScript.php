<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

final class MissingScript extends RuntimeException
{
    public function __construct(string $file)
    {
        parent::__construct("The server is missing ({$file}): reinstall the package, or build it in a checkout with `make build`.");
    }
}
