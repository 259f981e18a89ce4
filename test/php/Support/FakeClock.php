<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Revurb\System\Clock;

final class FakeClock implements Clock
{
    public float $now = 1000.0;

    /** @var list<float> */
    public array $slept = [];

    public ?Closure $whenSleeping = null;

    public function now(): float
    {
        return $this->now;
    }

    public function time(): float
    {
        return 1_800_000_000.0 + $this->now;
    }

    public function sleep(float $seconds): void
    {
        $this->slept[] = $seconds;
        $this->now += $seconds;

        if ($this->whenSleeping !== null) {
            ($this->whenSleeping)();
        }
    }
}
