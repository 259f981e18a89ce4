<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A client was sent this text.
 */
final readonly class MessageSent
{
    public function __construct(
        public Socket $socket,
        public string $message,
    ) {}
}
