<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * An open WebSocket.
 */
interface WebSocket
{
    public function send(string $text): void;

    /** The next text message, or null if none arrives within a few seconds. */
    public function receive(): ?string;

    public function close(): void;
}
