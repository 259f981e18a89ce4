<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\TestCase;
use Revurb\System\SystemClock;

final class SystemClockTest extends TestCase
{
    public function test_the_clock_goes_forward(): void
    {
        $clock = new SystemClock;
        $start = $clock->now();
        $clock->sleep(0.01);

        $this->assertGreaterThanOrEqual($start + 0.01, $clock->now());
    }
}
