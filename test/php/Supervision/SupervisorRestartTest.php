<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Restart\HandoffState;
use Revurb\Restart\TakeOver;
use Revurb\Server\Command;
use Revurb\Status\LastRestart;
use Revurb\Status\RestartFlag;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeSelfExec;
use Revurb\Tests\Support\SupervisorTestCase;
use RuntimeException;

/**
 * The restart flag, the hand-over and the take-over.
 */
final class SupervisorRestartTest extends SupervisorTestCase
{
    public function test_the_restart_flag_makes_it_replace_itself_if_possible(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true);
        $child = $this->child(self::READY, $this->raiseFlag(), fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([4711], $this->selfExec->runs);
        $this->assertSame(['handOver', 'drain'], $child->asked);
        $this->assertTrue($this->display->has('Restarting server on 0.0.0.0:8080'));
    }

    public function test_a_release_that_fails_its_check_leaves_the_server_running(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true, fault: 'config/reverb.php is broken');
        $wait = fn () => $this->clock->now += 5;
        $child = $this->child(self::READY, $this->raiseFlag(), $wait, $wait, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([], $this->selfExec->runs);
        $this->assertSame(['drain'], $child->asked);
        $errors = array_filter($this->display->lines, fn (string $message): bool => str_starts_with($message, 'error'));
        $this->assertSame(['error The new server could not start, and the running one continues: config/reverb.php is broken'], array_values($errors));
        $this->assertSame(['2', 'failed', 'config/reverb.php is broken'], [$this->record()->restart?->flag, $this->record()->restart?->outcome, $this->record()->restart?->reason]);
    }

    #[TestWith(['check', ['drain']])]
    #[TestWith(['run', ['handOver', 'drain']])]
    public function test_a_stop_during_a_restart_wins(string $moment, mixed $asked): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true, during: function (string $now) use ($moment): void {
            if ($now === $moment) {
                $this->supervisor->signal();
            }
        });
        $child = $this->child(self::READY, $this->raiseFlag(), fn () => $this->clock->now += 5, 0);

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame([], $this->selfExec->runs);
        $this->assertSame($asked, $child->asked);
        $this->assertFalse($this->display->has('error'));
    }

    public function test_a_check_that_throws_fails_the_restart(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true, during: fn () => throw new RuntimeException('no such directory'));
        $wait = fn () => $this->clock->now += 5;
        $child = $this->child(self::READY, $this->raiseFlag(), $wait, $wait, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(1, count(array_filter($this->display->lines, fn (string $message): bool => str_contains($message, 'no such directory'))));
    }

    public function test_a_server_that_is_not_ready_is_not_replaced_yet(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true);
        $child = $this->child($this->raiseFlag(), self::READY, fn () => $this->clock->now += 5, fn () => $this->supervisor->signal());

        $this->supervise([], $child);

        $this->assertSame([4711], $this->selfExec->runs);
    }

    private function handedOver(FakeChild $oldServer): void
    {
        $server = new RunningServer(4711, 1, '1.0.0', '1.4.5', '/srv/chat/releases/1', 'old configuration', 'old apps', 12, 'unused');
        $record = new ServerRecord('one', 'web1', '0.0.0.0:8080', '/srv/chat/current', 'app', 1, 0, 'run', state: 'ready', server: $server, restart: new LastRestart('2', $this->clock->time() - 0.8, true));
        $this->takeOver = new TakeOver(new HandoffState(4711, '0.0.0.0:8080', '/p', 10, $record->toArray()), $oldServer, new Command(['bun', 'beside'], '/', [], '{}'));
    }

    public function test_the_old_server_drains_once_the_new_one_listens(): void
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

    public function test_a_restart_is_done_when_the_old_server_has_exited_and_its_line_has_seconds_and_moved_connections(): void
    {
        $this->handedOver($before = new FakeChild($this->clock, [fn () => null, fn () => null, fn () => null, 0], obeys: false));
        $published = [];
        $look = function () use (&$published): void {
            $published[] = [$this->record()->server?->release, $this->record()->server?->configuration, $this->record()->restart?->outcome];
        };
        $child = $this->child($look, [...self::READY, 'pid' => 4712, 'version' => '1.1.0', 'bun' => '1.4.6'], $look, ['type' => 'moved', 'sockets' => 240], fn () => $this->clock->now += 0.4, $look, fn () => $this->supervisor->signal());

        $this->supervise([], $child);

        $this->assertContains('info Restarted in 1.2 s: 240 connections moved to pid 4712', $this->display->lines);
        $this->assertContains('restart-done', $this->display->codes);
        $this->assertSame([['/srv/chat/releases/1', 'old configuration', null], ['/srv/chat/releases/2', 'new configuration', null], ['/srv/chat/releases/2', 'new configuration', 'done']], $published);
        $this->assertEquals(['2', 'done', 1.2, 240], [$this->record()->restart?->flag, $this->record()->restart?->outcome, $this->record()->restart?->seconds, $this->record()->restart?->moved]);
        $this->assertSame(0, $before->exitCode());
    }

    public function test_a_restart_without_a_number_of_moved_connections_is_done_two_seconds_later(): void
    {
        $this->handedOver(new FakeChild($this->clock, [fn () => null, 0], obeys: false));

        $this->supervise([], $this->child([...self::READY, 'pid' => 4712], fn () => null, fn () => $this->clock->now += 5, fn () => $this->supervisor->signal()));

        $this->assertTrue($this->display->has('s: pid 4712 serves'));
        $this->assertSame(['done', null], [$this->record()->restart?->outcome, $this->record()->restart?->moved]);
    }

    public function test_a_flag_that_is_raised_during_a_restart_is_not_lost(): void
    {
        (new RestartFlag($this->cache))->raise(3);
        $this->selfExec = new FakeSelfExec(isPossible: true);
        $this->handedOver(new FakeChild($this->clock, [fn () => null, 0], obeys: false));

        $this->supervise([], $this->child(self::READY, ['type' => 'moved', 'sockets' => 0], fn () => $this->clock->now += 5, fn () => $this->supervisor->signal()));

        $this->assertSame([4711], $this->selfExec->runs);
        $this->assertSame('3', $this->record()->restart?->flag);
    }

    public function test_the_old_server_continues_if_the_new_one_cannot_start(): void
    {
        $this->handedOver($before = $this->child(fn () => $this->supervisor->signal()));

        $this->assertSame(0, $this->supervise([], $this->child(1)));
        $this->assertTrue($this->display->has('The new server could not start (exit code 1), and the running one continues.'));
        $this->assertSame(['drain'], $before->asked);
        $this->assertSame(0, $before->exitCode());
    }

    public function test_after_a_rollback_the_old_server_and_the_reason_are_published(): void
    {
        $this->handedOver($this->child(function (): void {
            $restart = $this->record()->restart;
            $this->assertSame(['failed', 'Port 8080 is in use. (exit code 1)'], [$restart?->outcome, $restart?->reason]);
            $this->assertSame([4711, '/srv/chat/releases/1', 'old configuration', null], [$this->record()->server?->pid, $this->record()->server?->release, $this->record()->server?->configuration, $this->record()->server?->sockets]);
        }, fn () => $this->supervisor->signal()));

        $this->assertSame(0, $this->supervise([], $this->child(['type' => 'log', 'level' => 'error', 'message' => 'Port 8080 is in use.'], 1)));
        $this->assertSame([], $this->reports->reported);
    }

    public function test_the_old_server_continues_if_the_new_one_does_not_listen_in_time(): void
    {
        $this->handedOver($before = $this->child(fn () => $this->supervisor->signal()));

        $this->assertSame(0, $this->supervise([], $child = $this->child()));
        $this->assertSame(['kill'], $child->asked);
        $this->assertTrue($this->display->has('The new server could not start (exit code 137), and the running one continues.'));
        $this->assertSame(['drain'], $before->asked);
    }

    public function test_after_a_rollback_a_crash_of_the_old_server_is_followed_by_a_new_one(): void
    {
        $this->handedOver($this->child(137));

        $this->supervise([], $this->child(78), $this->child(self::READY, fn () => $this->supervisor->signal()));

        $this->assertSame([['bun', 'beside'], self::COMMAND], array_map(fn (Command $command): array => $command->arguments, $this->launcher->launched));
    }

    public function test_an_old_server_that_does_not_exit_is_killed(): void
    {
        $this->handedOver($before = new FakeChild($this->clock, [], obeys: false));
        $wait = fn () => $this->clock->now += 1;

        $this->supervise([], $this->child(self::READY, ...[...array_fill(0, 20, $wait), fn () => $this->supervisor->signal()]));

        $this->assertSame(['drain', 'kill'], $before->asked);
        $this->assertSame(137, $before->exitCode());
    }

    public function test_a_stop_drains_both_servers_of_a_take_over(): void
    {
        $this->handedOver($before = $this->child());

        $this->assertSame(0, $this->supervise([], $child = $this->child(fn () => $this->supervisor->signal())));
        $this->assertSame(['drain'], $before->asked);
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame(0, $before->exitCode());
    }

    public function test_the_second_signal_kills_an_old_server_that_drains_longer_than_the_new_one(): void
    {
        $turn = fn () => null;
        $this->handedOver($before = new FakeChild($this->clock, [$turn, $turn, $turn, fn () => $this->supervisor->signal()], obeys: false));
        $start = $this->clock->now;

        $this->assertSame(0, $this->supervise([], $child = $this->child(self::READY, fn () => $this->supervisor->signal())));
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame([['drain', 'kill'], 137], [$before->asked, $before->exitCode()]);
        $this->assertLessThan(1.0, $this->clock->now - $start);
    }

    public function test_the_second_signal_kills_both_servers_of_a_take_over(): void
    {
        $this->handedOver($before = new FakeChild($this->clock, [], obeys: false));
        $signal = fn () => $this->supervisor->signal();

        $this->assertSame(137, $this->supervise([], $child = new FakeChild($this->clock, [$signal, $signal], obeys: false)));
        $this->assertSame([['drain', 'kill'], ['drain', 'kill']], [$before->asked, $child->asked]);
    }

    public function test_the_restart_flag_drains_within_seconds(): void
    {
        $child = $this->child(self::READY, fn () => (new RestartFlag($this->cache))->raise(7));
        $start = $this->clock->now;

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame(5.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('info Stopping server on 0.0.0.0:8080'));
        $this->assertSame(['7', false, null, 'stopped'], [$this->record()->restart?->flag, $this->record()->restart?->isHandOver, $this->record()->restart?->outcome, $this->record()->state]);
    }

    public function test_the_flag_is_read_every_five_seconds_and_an_outage_is_reported_once(): void
    {
        $wait = fn () => $this->clock->now += 5;
        $this->cache->isDown = true;

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, fn () => null, fn () => null, $wait, $wait, $wait, 0)));
        $this->assertSame(4, $this->cache->questions);
        $this->assertSame(['The cache is down.'], $this->reports->reported);
    }

    public function test_a_cache_that_has_just_failed_does_not_delay_the_start_again(): void
    {
        $asked = null;
        $this->faultAtStart = 'The cache is down.';
        $this->cache->isDown = true;
        $this->supervise([], $this->child(function () use (&$asked): void {
            $asked = $this->cache->questions + $this->states->questions;
        }, self::READY, 0));

        $this->assertSame(0, $asked);
        $this->assertSame('cache-unreadable', $this->display->codes[0]);
    }
}
