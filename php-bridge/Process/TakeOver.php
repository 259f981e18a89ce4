<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * What an earlier run of this process has left behind, and how the next server is started beside it.
 */
final readonly class TakeOver
{
    public function __construct(
        public HandoffState $handoff,
        public Child $oldServer,
        public Command $command,
    ) {}
}
