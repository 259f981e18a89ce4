<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * A server that an earlier run of this process has left behind, where it listens, and how the next one is started beside it.
 */
final readonly class HandOver
{
    public function __construct(
        public Child $predecessor,
        public string $address,
        public Command $command,
    ) {}
}
