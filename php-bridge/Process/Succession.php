<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * What an earlier run of this process has left behind, and how the next server is started beside it.
 */
final readonly class Succession
{
    public function __construct(
        public HandOver $handOver,
        public Child $predecessor,
        public Command $command,
    ) {}
}
