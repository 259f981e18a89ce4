<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\TestCase;
use Revurb\System\StopRequest;

final class StopRequestTest extends TestCase
{
    public function test_nothing_is_requested_at_first(): void
    {
        $this->assertSame([false, false, false], self::of(new StopRequest));
    }

    public function test_a_signal_requests_a_drain_and_a_second_one_the_end(): void
    {
        $stop = new StopRequest;
        $stop->signal();
        $this->assertSame([true, true, false], self::of($stop));
        $stop->signal();
        $this->assertSame([true, true, true], self::of($stop));
    }

    public function test_a_closed_terminal_requests_a_drain_however_often_it_says_so(): void
    {
        $stop = new StopRequest;
        $stop->hangUp();
        $stop->hangUp();
        $stop->signal();
        $this->assertSame([true, true, false], self::of($stop));
    }

    public function test_a_restart_by_the_process_manager_is_no_signal(): void
    {
        $stop = new StopRequest;
        $stop->restart();
        $this->assertSame([true, false, false], self::of($stop));
    }

    /** @return array{bool, bool, bool} */
    private static function of(StopRequest $stop): array
    {
        return [$stop->isMade(), $stop->isBySignal(), $stop->isImmediate()];
    }
}
