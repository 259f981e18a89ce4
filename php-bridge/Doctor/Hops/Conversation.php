<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

/**
 * A WebSocket that is open.
 */
interface Conversation
{
    public function send(string $text): void;

    /** The next text, within a few seconds; null: none came. */
    public function receive(): ?string;

    public function close(): void;
}
