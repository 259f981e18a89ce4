<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Events\SocketCommands;
use Revurb\Process\AppsWatch;
use Revurb\Process\Backoff;
use Revurb\Process\Chore;
use Revurb\Process\Command;
use Revurb\Process\Guard;
use Revurb\Process\HandOver;
use Revurb\Process\NotifySocket;
use Revurb\Process\RestartSignal;
use Revurb\Process\RestartWatch;
use Revurb\Process\State;
use Revurb\Process\Succession;
use Revurb\Process\Supervisor;
use Revurb\Tests\Support\FakeAnnouncements;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use Revurb\Tests\Support\FakeLauncher;
use Revurb\Tests\Support\FakeReexecution;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;

final class SupervisorTest extends TestCase
{
    private const READY = ['type' => 'ready', 'host' => '0.0.0.0', 'port' => 8080, 'secure' => false, 'pid' => 1];

    private FakeClock $clock;

    private FakeDisplay $display;

    private FakeCache $cache;

    private FakeReports $reports;

    private FakeAnnouncements $announcements;

    private FakeLauncher $launcher;

    private Supervisor $supervisor;

    private FakeReexecution $reexecution;

    private ?Succession $succession = null;

    /** @var list<array<string, mixed>> */
    private array $apps = [];

    protected function setUp(): void
    {
        $this->clock = new FakeClock;
        $this->display = new FakeDisplay;
        $this->cache = new FakeCache;
        $this->reports = new FakeReports;
        $this->announcements = new FakeAnnouncements;
        $this->reexecution = new FakeReexecution;
    }

    /** @param  list<Chore>  $chores */
    private function supervise(array $chores, FakeChild ...$children): int
    {
        $this->launcher = new FakeLauncher(array_values($children));
        $this->supervisor = new Supervisor(
            $this->launcher,
            $this->clock,
            $this->announcements,
            new RestartWatch(new RestartSignal($this->cache), $this->reports),
            new AppsWatch(fn (): array => $this->apps, $this->reports),
            new Backoff,
            new Guard($this->reports),
            $this->reexecution,
            new NotifySocket(null),
            $chores,
        );

        return $this->supervisor->run(new Command(['bun'], '/', [], '{}'), 10.0, $this->display, $this->succession);
    }

    /** @param  int|string|array<string, mixed>|\Closure(FakeChild): mixed  ...$steps */
    private function child(int|string|array|\Closure ...$steps): FakeChild
    {
        return new FakeChild($this->clock, array_values($steps));
    }

    public function test_it_shows_what_the_child_says(): void
    {
        $code = $this->supervise([], $this->child(self::READY, ['type' => 'log', 'level' => 'info', 'message' => 'hello'], 'not json', '[]', '{"type":"news"}', 0));

        $this->assertSame(0, $code);
        $this->assertSame(['ready 0.0.0.0:8080', 'log hello', 'raw not json', 'raw []', 'raw {"type":"news"}'], $this->display->said);
    }

    public function test_states(): void
    {
        $states = [];
        $look = function () use (&$states): void {
            $states[] = $this->supervisor->state();
        };

        $this->supervise([], $this->child($look, self::READY, $look, fn () => $this->supervisor->signal(), $look));
        $look();

        $this->assertSame([State::Starting, State::Ready, State::Draining, State::Stopped], $states);
    }

    public function test_the_first_crash_is_followed_by_a_new_server_at_once_and_each_one_after_it_by_a_longer_pause(): void
    {
        $crash = fn (): FakeChild => $this->child(self::READY, 70);

        $this->assertSame(0, $this->supervise([], $crash(), $crash(), $crash(), $this->child(self::READY, 137), $this->child(self::READY, 0)));
        $this->assertSame(7.0, array_sum($this->clock->slept));
        $this->assertCount(5, $this->launcher->launched);
        $errors = array_values(array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'error')));
        $this->assertSame([
            'error The server crashed (exit code 70); it is started again now.',
            'error The server crashed (exit code 70); it is started again in 1 second.',
            'error The server crashed (exit code 70); it is started again in 2 seconds.',
            'error The server crashed (exit code 137); it is started again in 4 seconds.',
        ], $errors);
    }

    public function test_a_minute_of_health_makes_the_next_crash_a_first_one(): void
    {
        $healthy = fn (): FakeChild => $this->child(self::READY, fn () => $this->clock->now += 60, 70);

        $this->supervise([], $healthy(), $healthy(), $this->child(self::READY, 70), $this->child(self::READY, 0));

        $this->assertSame([1.0], $this->clock->slept);
    }

    #[TestWith([78, true, 78, 'The configuration is not valid'])]
    #[TestWith([78, false, 78, 'The configuration is not valid'])]
    #[TestWith([1, false, 1, 'could not listen'])]
    #[TestWith([1, true, 1, 'can no longer listen'])]
    #[TestWith([70, false, 70, 'ended before it was ready (exit code 70)'])]
    #[TestWith([0, false, 1, 'ended before it was ready (exit code 0)'])]
    public function test_what_is_never_tried_again(int $exit, bool $isReady, int $code, string $sentence): void
    {
        $this->assertSame($code, $this->supervise([], $isReady ? $this->child(self::READY, $exit) : $this->child($exit)));
        $this->assertTrue($this->display->has($sentence));
        $this->assertSame([], $this->clock->slept);
    }

    public function test_the_reason_for_which_a_server_could_not_listen_is_said_once(): void
    {
        $this->assertSame(1, $this->supervise([], $this->child(['type' => 'log', 'level' => 'error', 'message' => 'The port is in use.'], 1)));
        $this->assertSame(['log The port is in use.'], $this->display->said);
    }

    public function test_lines_have_codes_that_programs_recognise(): void
    {
        $this->supervise([], $this->child(self::READY, 70), $this->child(self::READY, fn () => $this->supervisor->signal()));

        $this->assertSame(['server-crashed', 'server-terminating'], $this->display->codes);
    }

    public function test_the_first_signal_drains_and_only_once(): void
    {
        $child = $this->child(self::READY, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(['drain'], $child->asked);
        $this->assertTrue($this->display->has('info Gracefully terminating connections.'));
    }

    public function test_the_exit_code_of_a_drain_is_the_childs(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal(), 3], obeys: false);

        $this->assertSame(3, $this->supervise([], $child));
    }

    public function test_the_second_signal_ends_it_at_once(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal(), fn () => $this->supervisor->signal()], obeys: false);

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(['drain', 'kill'], $child->asked);
    }

    /** SIGTERM is ours; SIGINT comes from a terminal, to every process of the group. */
    #[TestWith([143])]
    #[TestWith([130])]
    public function test_a_signal_before_it_is_ready_is_a_stop_and_no_failure(int $code): void
    {
        $child = new FakeChild($this->clock, [fn () => $this->supervisor->signal(), $code], obeys: false);

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertFalse($this->display->has('error'));
    }

    public function test_a_child_that_hangs_in_its_drain_is_ended(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal()], obeys: false);
        $start = $this->clock->now;

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(15.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('did not stop in time'));
    }

    public function test_a_server_that_does_not_come_to_listen_is_ended(): void
    {
        $start = $this->clock->now;

        $this->assertSame(137, $this->supervise([], $child = $this->child()));
        $this->assertSame(['kill'], $child->asked);
        $this->assertSame(60.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('warn The server did not listen within 60 seconds and was ended.'));
        $this->assertTrue($this->display->has('error The server ended before it was ready (exit code 137).'));
    }

    public function test_one_that_is_asked_to_stop_before_has_the_time_of_any_stop(): void
    {
        $start = $this->clock->now;
        $child = new FakeChild($this->clock, [fn () => $this->clock->now += 58, fn () => $this->supervisor->signal()], obeys: false);

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(['drain', 'kill'], $child->asked);
        $this->assertSame(58.0 + 15.0, $this->clock->now - $start);
        $this->assertFalse($this->display->has('did not listen'));
    }

    public function test_one_that_is_started_again_after_a_crash_has_as_long(): void
    {
        $late = $this->child(fn () => $this->clock->now += 59, self::READY, 70);

        $this->assertSame(137, $this->supervise([], $late, $again = $this->child(fn () => $this->clock->now += 59)));
        $this->assertCount(2, $this->launcher->launched);
        $this->assertSame(['kill'], $again->asked);
        $this->assertSame(1000.0 + 59 + 60, $this->clock->now);
    }

    public function test_a_signal_in_the_pause_ends_it(): void
    {
        $this->clock->whenSleeping = fn () => $this->supervisor->signal();

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, 70), $this->child(self::READY, 70)));
        $this->assertCount(2, $this->launcher->launched);
    }

    public function test_the_restart_flag_drains_within_seconds(): void
    {
        $child = $this->child(self::READY, fn () => (new RestartSignal($this->cache))->raise(7));
        $start = $this->clock->now;

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame(5.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('info Stopping server on 0.0.0.0:8080'));
    }

    public function test_the_cache_is_asked_seldom_and_its_outage_is_reported_once(): void
    {
        $wait = fn () => $this->clock->now += 5;
        $this->cache->isDown = true;

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, fn () => null, fn () => null, $wait, $wait, $wait, 0)));
        $this->assertSame(4, $this->cache->questions);
        $this->assertSame(['The cache is down.'], $this->reports->reported);
    }

    public function test_events_are_announced_and_commands_go_back(): void
    {
        $this->announcements = new FakeAnnouncements(fn (array $event, SocketCommands $commands) => $commands->send('1', '1.2', 'back'));
        $child = $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'message_sent'], 'nonsense', ['event' => 'channel_created']], 'dropped' => 4], 0);

        $this->supervise([], $child);

        $this->assertSame(['message_sent', 'channel_created'], $this->announcements->announced);
        $this->assertCount(2, $child->written);
        $this->assertTrue($this->display->has('warn Listeners were too slow: 4 events were not announced.'));
    }

    public function test_a_listener_that_throws_is_reported_and_the_next_event_comes_all_the_same(): void
    {
        $this->announcements = new FakeAnnouncements(fn () => throw new RuntimeException('listener'));

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'a'], ['event' => 'b']]], 0)));
        $this->assertSame(['a', 'b'], $this->announcements->announced);
        $this->assertSame(['listener', 'listener'], $this->reports->reported);
    }

    public function test_a_log_line_that_cannot_be_shown_is_reported(): void
    {
        $this->assertSame(0, $this->supervise([], $this->child(self::READY, ['type' => 'log'], 0)));
        $this->assertSame(['a log without a message'], $this->reports->reported);
    }

    public function test_chores_are_done_in_between_and_may_fail(): void
    {
        $done = 0;
        $chore = new Chore(15, function () use (&$done): void {
            $done++;

            throw new RuntimeException('chore');
        });
        $wait = fn () => $this->clock->now += 10;

        $this->assertSame(0, $this->supervise([$chore], $this->child(self::READY, $wait, $wait, $wait, $wait, 0)));
        $this->assertSame(2, $done);
        $this->assertSame(['chore', 'chore'], $this->reports->reported);
    }

    /** Waits of a child that serves on, until the restart flag has been looked at. */
    private function raiseFlag(): \Closure
    {
        return function (): void {
            (new RestartSignal($this->cache))->raise(2);
            $this->clock->now += 5;
        };
    }

    public function test_the_restart_flag_makes_it_a_new_process_where_that_is_possible(): void
    {
        $this->reexecution = new FakeReexecution(isPossible: true);
        $child = $this->child(self::READY, $this->raiseFlag(), fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([4711], $this->reexecution->runs);
        $this->assertSame(['handOver', 'drain'], $child->asked);
        $this->assertTrue($this->display->has('Restarting server on 0.0.0.0:8080'));
    }

    public function test_a_release_that_would_not_start_leaves_the_server_as_it_is(): void
    {
        $this->reexecution = new FakeReexecution(isPossible: true, fault: 'config/reverb.php is broken');
        $wait = fn () => $this->clock->now += 5;
        $child = $this->child(self::READY, $this->raiseFlag(), $wait, $wait, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([], $this->reexecution->runs);
        $this->assertSame(['drain'], $child->asked);
        $errors = array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'error'));
        $this->assertSame(['error The new server could not start, and the running one goes on: config/reverb.php is broken'], array_values($errors));
    }

    #[TestWith(['check', ['drain']])]
    #[TestWith(['run', ['handOver', 'drain']])]
    public function test_a_stop_in_the_midst_of_a_restart_is_a_stop(string $moment, mixed $asked): void
    {
        $this->reexecution = new FakeReexecution(isPossible: true, during: function (string $now) use ($moment): void {
            if ($now === $moment) {
                $this->supervisor->signal();
            }
        });
        $child = $this->child(self::READY, $this->raiseFlag(), fn () => $this->clock->now += 5, 0);

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([], $this->reexecution->runs);
        $this->assertSame($asked, $child->asked);
        $this->assertFalse($this->display->has('error'));
    }

    public function test_a_check_that_cannot_be_made_is_a_fault_like_any_other(): void
    {
        $this->reexecution = new FakeReexecution(isPossible: true, during: fn () => throw new RuntimeException('no such directory'));
        $wait = fn () => $this->clock->now += 5;
        $child = $this->child(self::READY, $this->raiseFlag(), $wait, $wait, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(1, count(array_filter($this->display->said, fn (string $said): bool => str_contains($said, 'no such directory'))));
    }

    public function test_a_server_that_is_not_ready_is_not_replaced_yet(): void
    {
        $this->reexecution = new FakeReexecution(isPossible: true);
        $child = $this->child($this->raiseFlag(), self::READY, fn () => $this->clock->now += 5, fn () => $this->supervisor->signal());

        $this->supervise([], $child);

        $this->assertSame([4711], $this->reexecution->runs);
    }

    private function handedOver(FakeChild $predecessor): void
    {
        $this->succession = new Succession(new HandOver(4711, '0.0.0.0:8080', '/p', 10), $predecessor, new Command(['bun', 'beside'], '/', [], '{}'));
    }

    public function test_the_server_before_leaves_once_the_new_one_listens(): void
    {
        $asked = null;
        $this->handedOver($before = $this->child());
        $child = $this->child(function () use ($before, &$asked): void {
            $asked = $before->asked;
        }, self::READY, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([['bun', 'beside']], array_map(fn (Command $command): array => $command->arguments, $this->launcher->launched));
        $this->assertSame([], $asked);
        $this->assertSame(['drain'], $before->asked);
    }

    public function test_the_server_before_goes_on_when_the_new_one_cannot_start(): void
    {
        $this->handedOver($before = $this->child(fn () => $this->supervisor->signal()));

        $this->assertSame(0, $this->supervise([], $this->child(1)));
        $this->assertTrue($this->display->has('The new server could not start (exit code 1), and the running one goes on.'));
        $this->assertSame(['drain'], $before->asked);
        $this->assertSame(0, $before->exitCode());
    }

    public function test_the_server_before_goes_on_when_the_new_one_does_not_come_to_listen(): void
    {
        $this->handedOver($before = $this->child(fn () => $this->supervisor->signal()));

        $this->assertSame(0, $this->supervise([], $child = $this->child()));
        $this->assertSame(['kill'], $child->asked);
        $this->assertTrue($this->display->has('The new server could not start (exit code 137), and the running one goes on.'));
        $this->assertSame(['drain'], $before->asked);
    }

    public function test_when_that_one_crashes_a_server_is_started_as_if_there_had_been_none(): void
    {
        $this->handedOver($this->child(137));

        $this->supervise([], $this->child(78), $this->child(self::READY, fn () => $this->supervisor->signal()));

        $this->assertSame([['bun', 'beside'], ['bun']], array_map(fn (Command $command): array => $command->arguments, $this->launcher->launched));
    }

    public function test_a_server_before_that_does_not_go_is_ended(): void
    {
        $this->handedOver($before = new FakeChild($this->clock, [], obeys: false));
        $wait = fn () => $this->clock->now += 1;

        $this->supervise([], $this->child(self::READY, ...[...array_fill(0, 20, $wait), fn () => $this->supervisor->signal()]));

        $this->assertSame(['drain', 'kill'], $before->asked);
        $this->assertSame(137, $before->exitCode());
    }

    public function test_a_stop_stops_both(): void
    {
        $this->handedOver($before = $this->child());

        $this->assertSame(0, $this->supervise([], $child = $this->child(fn () => $this->supervisor->signal())));
        $this->assertSame(['drain'], $before->asked);
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame(0, $before->exitCode());
    }

    public function test_the_server_is_told_when_its_apps_change(): void
    {
        $change = function (): void {
            $this->apps = [['app_id' => 'new']];
            $this->clock->now += 5;
        };
        $wait = fn () => $this->clock->now += 5;
        $child = $this->child(self::READY, $wait, $change, $wait, fn () => $this->supervisor->signal());

        $this->supervise([], $child);

        $this->assertSame(['{"command":"apps","apps":[{"app_id":"new"}]}'], $child->written);
    }

    public function test_a_server_that_is_started_again_is_told_at_once_what_has_changed_in_the_meantime(): void
    {
        $change = function (): void {
            $this->apps = [['app_id' => 'new']];
        };
        $second = $this->child(self::READY, fn () => $this->supervisor->signal());

        $this->supervise([], $this->child(self::READY, $change, 70), $second);

        $this->assertSame(['{"command":"apps","apps":[{"app_id":"new"}]}'], $second->written);
    }
}
