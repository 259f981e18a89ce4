<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * Writes a size as people compare downloads and disks: in megabytes of 1,000,000 bytes, with one decimal.
 */
final readonly class Megabytes
{
    public static function of(int $bytes): string
    {
        return number_format($bytes / 1e6, 1).' MB';
    }
}
