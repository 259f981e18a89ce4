<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

/**
 * Bytes that are read once, from the first to the last.
 */
interface Bytes
{
    /** At most that many of the next bytes, and at least one; empty at the end. */
    public function read(int $max): string;
}
