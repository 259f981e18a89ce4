<?php

declare(strict_types=1);

namespace Revurb\Process;

interface Clock
{
    /** Seconds, from anywhere, and never backwards. */
    public function now(): float;

    /** Unix time in seconds, which may jump. */
    public function time(): float;

    /** Seconds. A signal may cut it short. */
    public function sleep(float $seconds): void;
}
