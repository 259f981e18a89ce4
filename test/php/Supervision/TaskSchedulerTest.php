<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\TestCase;
use Revurb\Output\Rescue;
use Revurb\Supervision\PeriodicTask;
use Revurb\Supervision\TaskScheduler;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeReports;

final class TaskSchedulerTest extends TestCase
{
    public function test_a_periodic_task_runs_once_when_it_is_due(): void
    {
        $clock = new FakeClock;
        $done = 0;
        $scheduler = new TaskScheduler([new PeriodicTask(5, function () use (&$done): void {
            $done++;
        })], $clock);
        $rescue = new Rescue(new FakeReports);

        $clock->now += 4;
        $scheduler->runDue($rescue);
        $this->assertSame([0, 1.0], [$done, $scheduler->secondsToNext()]);

        $clock->now += 60;
        $scheduler->runDue($rescue);
        $scheduler->runDue($rescue);
        $this->assertSame([1, 5.0], [$done, $scheduler->secondsToNext()]);
    }
}
