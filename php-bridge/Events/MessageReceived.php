<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A client has sent a message.
 */
final readonly class MessageReceived
{
    public function __construct(
        public Socket $socket,
        public string $message,
    ) {}
}
