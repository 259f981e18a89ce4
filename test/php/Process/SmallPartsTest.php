<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use Closure;
use PHPUnit\Framework\TestCase;
use Revurb\Process\Backoff;
use Revurb\Process\ChildCommands;
use Revurb\Process\LineBuffer;
use Revurb\Process\PeriodicTask;
use Revurb\Process\Rescue;
use Revurb\Process\SystemClock;
use Revurb\Process\TaskScheduler;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;

final class SmallPartsTest extends TestCase
{
    public function test_back_off_doubles_up_to_a_minute_and_forgets_after_a_minute_of_health(): void
    {
        $backoff = new Backoff;

        $this->assertSame([0, 1, 2, 4, 8, 16, 32, 60, 60], array_map(fn (): int => $backoff->afterCrash(59.9), range(1, 9)));
        $this->assertSame([0, 1], [$backoff->afterCrash(60.0), $backoff->afterCrash(0.0)]);
    }

    public function test_lines_come_whole(): void
    {
        $lines = new LineBuffer;

        $this->assertSame([], $lines->add('{"a"'));
        $this->assertSame(['{"a":1}', '', 'b'], $lines->add(":1}\n\nb\nc"));
        $this->assertSame(['c'], $lines->finish());
        $this->assertSame([], $lines->finish());
    }

    public function test_a_line_that_is_too_long_is_skipped_to_its_end_and_the_next_one_is_whole(): void
    {
        $lines = new LineBuffer;
        $longest = str_repeat('x', LineBuffer::MAX_BYTES - 1);

        $this->assertSame([$longest], $lines->add("{$longest}\n"));
        $this->assertSame([], $lines->add("{$longest}x"));
        $this->assertSame([], $lines->add('secret'));
        $this->assertSame([null, 'whole'], $lines->add("secret\nwhole\nb"));
        $this->assertSame(['b'], $lines->finish());
        $lines->add("{$longest}xsecret");
        $this->assertSame([null], $lines->finish());
        $this->assertSame([], $lines->finish());
    }

    public function test_a_line_of_50_megabytes_takes_neither_time_nor_memory(): void
    {
        $lines = new LineBuffer;
        $piece = str_repeat('x', 8192);
        $memory = memory_get_usage();
        $most = 0;
        $begin = hrtime(true);

        for ($i = 0; $i < 6400; $i++) {
            $lines->add($piece);
            $most = max($most, memory_get_usage() - $memory);
        }

        $this->assertSame([null], $lines->add("\n"));
        $this->assertLessThan(1_000_000, $most);
        // Quadratic reading takes a minute; this takes 3 ms.
        $this->assertLessThan(5e9, hrtime(true) - $begin);
    }

    public function test_commands_are_lines_of_json_whatever_the_text(): void
    {
        $child = new FakeChild(new FakeClock, []);
        $commands = new ChildCommands($child);

        $commands->send('1', '1.2', "two\nlines \xff");
        $commands->disconnect('1', '1.2');

        $this->assertSame([
            '{"command":"send","app":"1","socket":"1.2","message":"two\nlines \ufffd"}',
            '{"command":"disconnect","app":"1","socket":"1.2"}',
        ], $child->written);
    }

    public function test_chores_are_done_when_due_and_once(): void
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

    public function test_the_guard_reports_and_survives_a_broken_report(): void
    {
        $reports = new FakeReports;
        $reports->isBroken = true;

        $rescue = new Rescue($reports);
        $rescue->showOn($display = new FakeDisplay);

        foreach (['oh', 'oh', 'no'] as $message) {
            $rescue->run(Closure::fromCallable(fn () => throw new RuntimeException($message)));
        }

        $this->assertSame(['oh', 'oh', 'no'], $reports->reported);
        $shown = 'error An exception could not be reported, because the exception handler of the application failed too; the server goes on.';
        $this->assertSame([$shown, $shown], $display->said);
    }

    public function test_the_clock_goes_forward(): void
    {
        $clock = new SystemClock;
        $start = $clock->now();
        $clock->sleep(0.01);

        $this->assertGreaterThanOrEqual($start + 0.01, $clock->now());
    }
}
