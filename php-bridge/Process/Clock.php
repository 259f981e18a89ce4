<?php

declare(strict_types=1);

namespace Revurb\Process;

interface Clock
{
    /** Seconds, from anywhere, and never backwards. */
    public function now(): float;

    /** Seconds. A signal may cut it short. */
    public function sleep(float $seconds): void;
}
