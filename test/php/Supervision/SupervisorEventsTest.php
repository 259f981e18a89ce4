<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use Revurb\Events\SocketCommands;
use Revurb\Status\RestartFlag;
use Revurb\Supervision\PeriodicTask;
use Revurb\Tests\Support\FakeEventBridge;
use Revurb\Tests\Support\FakeSelfExec;
use Revurb\Tests\Support\SupervisorTestCase;
use RuntimeException;

/**
 * Events of the server and the listeners of the application.
 */
final class SupervisorEventsTest extends SupervisorTestCase
{
    public function test_events_are_dispatched_and_commands_of_listeners_are_sent(): void
    {
        $this->eventBridge = new FakeEventBridge(fn (array $event, SocketCommands $commands) => $commands->send('1', '1.2', 'back'));
        $child = $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'message_sent'], 'nonsense', ['event' => 'channel_created']], 'dropped' => 4], 0);

        $this->supervise([], $child);

        $this->assertSame(['message_sent', 'channel_created'], $this->eventBridge->announced);
        $this->assertCount(3, $child->written);
        $this->assertSame('{"command":"events-announced"}', $child->written[2]);
        $this->assertTrue($this->display->has('warn Listeners were too slow: 4 events were not dispatched.'));
    }

    /** @return array<string, mixed> */
    private static function events(int $count, int $dropped = 0): array
    {
        return ['type' => 'events', 'events' => array_map(static fn (int $i): array => ['event' => "e{$i}"], range(1, $count)), 'dropped' => $dropped];
    }

    public function test_events_are_dispatched_in_slices_between_other_work(): void
    {
        $this->eventBridge = new FakeEventBridge(fn () => $this->clock->now += 10.0);
        $shown = null;
        $tasks = 0;
        $count = function () use (&$tasks): void {
            $tasks++;
        };
        $look = function () use (&$shown): void {
            $shown = count($this->eventBridge->announced);
        };
        $child = $this->child(self::READY, self::events(5), ['type' => 'log', 'level' => 'info', 'message' => 'hello'], $look, fn () => null, fn () => null, fn () => null, 0);
        $this->supervise([new PeriodicTask(10.0, $count)], $child);

        $this->assertTrue($this->display->has('log hello'));
        $this->assertSame(2, $shown, 'The log line waited for all events.');
        $this->assertSame(['e1', 'e2', 'e3', 'e4', 'e5'], $this->eventBridge->announced);
        $this->assertGreaterThanOrEqual(4, $tasks);
        $this->assertSame(['{"command":"events-announced"}'], $child->written);
    }

    public function test_a_console_that_is_read_again_gets_the_log_while_events_wait(): void
    {
        $flushes = [];
        $this->eventBridge = new FakeEventBridge(function () use (&$flushes): void {
            $this->clock->now += 10.0;
            $flushes[] = $this->display->flushes;
        });
        $turn = fn () => null;
        $this->supervise([], $this->child(self::READY, self::events(3), $turn, $turn, $turn, 0));

        $this->assertCount(3, array_unique($flushes));
    }

    public function test_a_signal_drains_the_server_while_events_wait_and_dropped_events_are_counted(): void
    {
        $this->eventBridge = new FakeEventBridge(function (): void {
            $this->clock->now += 0.3;

            if (count($this->eventBridge->announced) === 2) {
                $this->supervisor->signal();
            }
        });
        $child = $this->child(self::READY, self::events(100), fn () => null);
        $this->supervise([], $child);

        $this->assertSame(['drain'], $child->asked);
        $this->assertLessThan(12, count($this->eventBridge->announced));
        $this->assertTrue($this->display->has('warn Listeners were too slow: '.(100 - count($this->eventBridge->announced)).' events were not dispatched.'));
    }

    public function test_a_hand_over_waits_for_listeners_no_longer_than_a_second(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true);
        $this->eventBridge = new FakeEventBridge(fn () => $this->clock->now += 0.3);
        $restart = function (): void {
            (new RestartFlag($this->cache))->raise(2);
            $this->clock->now += 5;
        };
        $this->supervise([], $this->child(self::READY, self::events(100), $restart, fn () => null, 0));

        $this->assertSame([4711], $this->selfExec->runs);
        $this->assertLessThan(12, count($this->eventBridge->announced));
        $this->assertTrue($this->display->has('events were not dispatched.'));
    }

    public function test_after_a_failed_restart_the_running_server_gets_its_acknowledgements(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true);
        $this->eventBridge = new FakeEventBridge(fn () => $this->clock->now += 0.3);
        $restart = function (): void {
            (new RestartFlag($this->cache))->raise(2);
            $this->clock->now += 5;
        };
        $child = $this->child(self::READY, self::events(100), $restart, fn () => null, 0);
        $this->supervise([], $child);

        $this->assertTrue($this->display->has('The new server could not start, and the running one continues'));
        $this->assertSame(['{"command":"events-announced"}'], $child->written);
    }

    public function test_events_that_are_dropped_are_reported_once_a_minute(): void
    {
        $minute = fn () => $this->clock->now += 60;
        $batches = [self::events(1, 5), self::events(1, 7), self::events(1, 8), $minute, fn () => null, self::events(1, 1)];
        $this->supervise([], $this->child(self::READY, ...[...$batches, ['type' => 'events', 'events' => [], 'dropped' => 0, 'too_large' => 3], 0]));

        $message = array_values(array_filter($this->display->lines, fn (string $message): bool => str_contains($message, 'not dispatched')));
        $this->assertCount(4, $message, implode("\n", $message));

        foreach (['5 events', '15 events', '3 events of more than 256 KiB', '1 events'] as $i => $part) {
            $this->assertStringContainsString($part, $message[$i]);
        }
    }

    public function test_events_without_acknowledgements_take_bounded_memory(): void
    {
        $this->eventBridge = new FakeEventBridge(fn () => $this->clock->now += 1.0);
        $large = ['type' => 'events', 'events' => [['event' => 'e', 'message' => str_repeat('x', 250_000)], ['event' => 'f']], 'dropped' => 0];
        $isDropped = [];
        $look = function () use (&$isDropped): void {
            $isDropped[] = $this->display->has('events were not dispatched.');
        };
        $this->supervise([], $this->child(self::READY, ...[...array_fill(0, 5, $large), $look, ...array_fill(0, 15, $large), $look, 0]));

        // Five such batches may wait.
        $this->assertSame([false, true], $isDropped);
    }

    public function test_an_exception_of_a_listener_is_reported_and_the_next_event_is_dispatched(): void
    {
        $this->eventBridge = new FakeEventBridge(fn () => throw new RuntimeException('listener'));

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'a'], ['event' => 'b']]], 0)));
        $this->assertSame(['a', 'b'], $this->eventBridge->announced);
        $this->assertSame(['listener'], $this->reports->reported);
        $this->assertTrue($this->display->has('A listener has failed 1 times'));
    }

    public function test_a_listener_that_throws_for_every_event_is_reported_once_a_minute(): void
    {
        $this->eventBridge = new FakeEventBridge(fn (array $event) => throw new RuntimeException('listener'));
        $minute = fn () => $this->clock->now += 60;
        $this->supervise([], $this->child(self::READY, self::events(1000), $minute, fn () => null, self::events(1), 0));

        $this->assertSame(['listener', 'listener'], $this->reports->reported);
        $message = array_values(array_filter($this->display->lines, fn (string $message): bool => str_contains($message, 'A listener has failed')));
        $this->assertCount(2, $message);
        $this->assertStringContainsString('999 times', $message[0]);
        // That of the last moment, for which the exception handler is not called any more.
        $this->assertStringContainsString('1 times', $message[1]);
    }

    public function test_listeners_that_throw_at_different_places_are_counted_separately_up_to_a_bound(): void
    {
        $this->eventBridge = new FakeEventBridge(function (array $event): never {
            $failure = new class(is_string($event['event']) ? $event['event'] : '') extends RuntimeException
            {
                public function at(int $line): self
                {
                    $this->line = $line;

                    return $this;
                }
            };

            throw $failure->at((int) substr($failure->getMessage(), 1));
        });
        $this->supervise([], $this->child(self::READY, self::events(300), 0));

        $this->assertCount(101, $this->reports->reported);
        $this->assertTrue($this->display->has('A listener has failed 199 times'));
    }
}
