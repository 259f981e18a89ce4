<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use RuntimeException;

final class UnquotablePath extends RuntimeException
{
    public function __construct(string $path)
    {
        parent::__construct("[{$path}] has characters that Supervisor and systemd read as something else: write the files for an application at another path.");
    }
}
