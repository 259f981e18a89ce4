<?php

declare(strict_types=1);

namespace Revurb\System;

interface Clock
{
    /** Seconds from an arbitrary start, which never go backwards. */
    public function now(): float;

    /** Unix time in seconds, which may jump when the clock is set. */
    public function time(): float;

    /** Sleeps for that many seconds, or less if a signal arrives. */
    public function sleep(float $seconds): void;
}
