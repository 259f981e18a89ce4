<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Server\Child;
use Revurb\Server\Command;

/**
 * The server that the previous run has handed over, and the command that starts its successor beside it.
 */
final readonly class TakeOver
{
    public function __construct(
        public HandoffState $handoff,
        public Child $oldServer,
        public Command $command,
    ) {}
}
