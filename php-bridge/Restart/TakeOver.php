<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Server\Child;
use Revurb\Server\Command;
use Revurb\Server\ServerRun;
use Revurb\System\Clock;

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

    /** The old server, which drains once its successor listens. */
    public function predecessor(Clock $clock): DrainingServer
    {
        return new DrainingServer($this->oldServer, $clock, $this->handoff->drainSeconds);
    }

    /** The old server, which continues because its successor could not start. */
    public function continued(float $now): ServerRun
    {
        return ServerRun::handedOver($this->oldServer, $this->handoff->address, $this->handoff->socket, $this->handoff->server, $now);
    }
}
