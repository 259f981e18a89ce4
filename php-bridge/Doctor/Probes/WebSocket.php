<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * A WebSocket that is open.
 */
interface WebSocket
{
    public function send(string $text): void;

    /** The next text, within a few seconds; null: none came. */
    public function receive(): ?string;

    public function close(): void;
}
