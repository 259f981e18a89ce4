<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A connection was closed because its client did not answer a ping.
 */
final readonly class ConnectionPruned
{
    public function __construct(
        public Socket $socket,
    ) {}
}
