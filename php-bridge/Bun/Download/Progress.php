<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

/**
 * Shows how far a download is.
 */
interface Progress
{
    /**
     * @param  string  $source  the address or the file
     * @param  int|null  $bytes  null: the server has not said how many
     */
    public function begin(string $source, ?int $bytes): void;

    /** @param  int  $bytes  that have arrived since the last call */
    public function advance(int $bytes): void;

    /** Called also after a failure. */
    public function end(): void;
}
