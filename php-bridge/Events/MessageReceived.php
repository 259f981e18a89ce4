<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A client sent this text.
 */
final readonly class MessageReceived
{
    public function __construct(
        public Socket $socket,
        public string $message,
    ) {}
}
