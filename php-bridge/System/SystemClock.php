<?php

declare(strict_types=1);

namespace Revurb\System;

final readonly class SystemClock implements Clock
{
    public function now(): float
    {
        return hrtime(true) / 1e9;
    }

    public function time(): float
    {
        return microtime(true);
    }

    public function sleep(float $seconds): void
    {
        usleep((int) max(0, $seconds * 1_000_000));
    }
}
