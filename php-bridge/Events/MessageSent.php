<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A message was sent to a client.
 */
final readonly class MessageSent
{
    public function __construct(
        public Socket $socket,
        public string $message,
    ) {}
}
