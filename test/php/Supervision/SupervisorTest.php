<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Server\Line;
use Revurb\Supervision\PeriodicTask;
use Revurb\Supervision\Supervisor;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeEventBridge;
use Revurb\Tests\Support\FakeSelfExec;
use Revurb\Tests\Support\SupervisorTestCase;
use RuntimeException;

/**
 * Start, log, crashes, signals and changes of apps.
 */
final class SupervisorTest extends SupervisorTestCase
{
    public function test_each_state_of_the_server_is_published(): void
    {
        $states = [];
        $look = function () use (&$states): void {
            $states[] = $this->record()->state;
        };

        $this->supervise([], $this->child($look, self::READY, $look, 70), $this->child($look, self::READY, fn () => $this->supervisor->signal(), $look, fn () => null));

        $this->assertSame(['starting', 'ready', 'starting', 'draining'], $states);
        $this->assertSame(['stopped', 0, 1, 70], [$this->record()->state, $this->record()->exit, $this->record()->crashes->count, $this->record()->crashes->code]);
    }

    public function test_the_record_of_a_server_that_could_not_start_has_the_reason(): void
    {
        $this->supervise([], $this->child(['type' => 'log', 'level' => 'error', 'message' => 'The port is in use, hush.'], 1));

        $this->assertSame(['stopped', 1, 'The port is in use, ********.'], [$this->record()->state, $this->record()->exit, $this->record()->reason]);
    }

    public function test_sockets_and_redis_of_the_server_are_published(): void
    {
        $wait = fn () => $this->clock->now += 15;
        $this->supervise([], $this->child(self::READY, ['type' => 'status', 'sockets' => 240, 'redis' => 'connected'], $wait, fn () => null, function (): void {
            $this->assertSame([240, 'connected'], [$this->record()->server?->sockets, $this->record()->server?->redis]);
        }, 0));
        $this->assertSame([], array_filter($this->display->lines, fn (string $message): bool => str_starts_with($message, 'raw')));
    }

    public function test_the_fingerprint_of_apps_that_are_sent_to_the_server_is_published(): void
    {
        $change = function (): void {
            $this->apps = [['app_id' => 'new']];
            $this->clock->now += 5;
        };
        $this->supervise([], $this->child(self::READY, $change, fn () => null, function (): void {
            $this->assertSame('[{"app_id":"new"}]', $this->record()->server?->apps);
            $this->assertSame('new configuration', $this->record()->server->configuration);
        }, 0));
    }

    public function test_output_of_the_server_is_shown(): void
    {
        $code = $this->supervise([], $this->child(self::READY, ['type' => 'log', 'level' => 'info', 'message' => 'hello'], 'not json', 0));

        $this->assertSame(0, $code);
        $this->assertSame(['ready 0.0.0.0:8080', 'log hello', 'raw not json'], $this->display->lines);
    }

    public function test_a_truncated_unknown_or_too_long_line_is_counted_and_not_shown(): void
    {
        $cut = '{"type":"events","events":[{"event":"message_received","message":"{\"auth\":\"the-key:5e1f';
        $minute = fn () => $this->clock->now += 60;
        $tooLong = new Line('', isTooLong: true);
        $this->supervise([], $this->child(self::READY, $cut, '5e1f","data":1}', '[]', '{"type":"news"}', $tooLong, $minute, fn () => null, $tooLong, $tooLong, 0));

        $this->assertFalse($this->display->has('5e1f'));
        $this->assertFalse($this->display->has('raw'));
        $message = array_values(array_filter($this->display->lines, fn (string $message): bool => str_contains($message, 'to stdout')));
        $this->assertCount(5, $message, implode("\n", $message));

        foreach (['cannot be read (1)', 'skipped (1)', 'cannot be read (3)', 'skipped (1)', 'skipped (1)'] as $i => $part) {
            $this->assertStringContainsString($part, $message[$i]);
        }
    }

    public function test_after_the_first_crash_the_server_is_restarted_at_once_and_later_with_backoff(): void
    {
        $crash = fn (): FakeChild => $this->child(self::READY, 70);

        $this->assertSame(0, $this->supervise([], $crash(), $crash(), $crash(), $this->child(self::READY, 137), $this->child(self::READY, 0)));
        $this->assertSame(7.0, array_sum($this->clock->slept));
        $this->assertCount(5, $this->launcher->launched);
        $errors = array_values(array_filter($this->display->lines, fn (string $message): bool => str_starts_with($message, 'error')));
        $this->assertSame([
            'error The server crashed (exit code 70); it is started again now.',
            'error The server crashed (exit code 70); it is started again in 1 second.',
            'error The server crashed (exit code 70); it is started again in 2 seconds.',
            'error The server crashed (exit code 137); it is started again in 4 seconds.',
        ], $errors);
    }

    public function test_after_a_minute_of_health_the_next_restart_is_immediate(): void
    {
        $healthy = fn (): FakeChild => $this->child(self::READY, fn () => $this->clock->now += 60, 70);

        $this->supervise([], $healthy(), $healthy(), $this->child(self::READY, 70), $this->child(self::READY, 0));

        $this->assertSame([1.0], $this->clock->slept);
    }

    #[TestWith([78, true, 78, 'The configuration is not valid'])]
    #[TestWith([78, false, 78, 'The configuration is not valid'])]
    #[TestWith([69, false, 1, 'could not listen'])]
    #[TestWith([69, true, 1, 'can no longer listen'])]
    #[TestWith([70, false, 70, 'ended before it was ready (exit code 70)'])]
    #[TestWith([0, false, 1, 'SupervisorTestCase.php) does not run (exit code 0 of Bun) and is incomplete: run `composer reinstall revurb/revurb`'])]
    #[TestWith([1, false, 1, 'SupervisorTestCase.php) does not run (exit code 1 of Bun) and is incomplete: run `composer reinstall revurb/revurb`'])]
    #[TestWith([127, false, 127, ' does not run: run `'])]
    public function test_a_server_that_exits_with_a_permanent_error_is_not_started_again(int $exit, bool $isReady, int $code, string $sentence): void
    {
        $this->assertSame($code, $this->supervise([], $isReady ? $this->child(self::READY, $exit) : $this->child($exit)));
        $this->assertTrue($this->display->has($sentence));
        $this->assertSame([], $this->clock->slept);
    }

    public function test_the_reason_for_which_a_server_could_not_listen_is_logged_once(): void
    {
        $this->assertSame(1, $this->supervise([], $this->child(['type' => 'log', 'level' => 'error', 'message' => 'The port is in use.'], 69)));
        $this->assertSame(['log The port is in use.'], $this->display->lines);
    }

    public function test_log_lines_have_stable_codes(): void
    {
        $this->supervise([], $this->child(self::READY, 70), $this->child(self::READY, fn () => $this->supervisor->signal()));

        $this->assertSame(['server-crashed', 'server-terminating'], $this->display->codes);
    }

    /** In the midst of an installation: the script is incomplete, and Bun ends with 1, as any program that has no code for it. */
    public function test_once_a_server_has_listened_failed_starts_are_retried_with_backoff(): void
    {
        $this->assertSame(0, $this->supervise([], $this->child(self::READY, 70), $this->child(1), $this->child(0), $this->child(127), $this->child(70), $this->child(self::READY, 0)));
        $this->assertSame(1.0 + 2.0 + 4.0 + 8.0, array_sum($this->clock->slept));
        $file = self::COMMAND[2];
        $bun = PHP_BINARY;
        $this->assertSame([
            'error The server crashed (exit code 70); it is started again now.',
            "error The script of the server ({$file}) does not run (exit code 1 of Bun) and is incomplete: run `composer reinstall revurb/revurb`, or `make build` in a checkout; it is started again in 1 second.",
            "error The script of the server ({$file}) does not run (exit code 0 of Bun) and is incomplete: run `composer reinstall revurb/revurb`, or `make build` in a checkout; it is started again in 2 seconds.",
            "error The server cannot be started, because {$bun} does not run: run `php artisan reverb:bun --install` in the folder of the application; it is started again in 4 seconds.",
            'error The server ended before it was ready (exit code 70); it is started again in 8 seconds.',
        ], array_values(array_filter($this->display->lines, fn (string $message): bool => str_starts_with($message, 'error'))));
    }

    #[TestWith([78, 78, 'The configuration is not valid'])]
    #[TestWith([69, 1, 'could not listen'])]
    public function test_a_restart_that_fails_with_a_permanent_error_is_not_retried(int $code, int $verdict, string $sentence): void
    {
        $this->assertSame($verdict, $this->supervise([], $this->child(self::READY, 70), $this->child($code)));
        $this->assertTrue($this->display->has($sentence));
    }

    public function test_it_replaces_itself_once_the_application_is_complete_again(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true, fault: 'a file is missing');
        $whole = function (): void {
            $this->selfExec->fault = null;
        };

        // A process that cannot replace itself continues as before.
        $this->supervise([], $this->child(self::READY, 70), $this->child(1), $this->child($whole, 127), $this->child(self::READY, 0));
        $this->assertSame([null], $this->selfExec->runs);
        $this->assertSame(1, count(array_filter($this->display->lines, fn (string $message): bool => str_starts_with($message, 'info The application is complete again'))));
    }

    public function test_after_a_crash_of_the_server_itself_it_does_not_replace_itself(): void
    {
        $this->selfExec = new FakeSelfExec(isPossible: true);

        $this->supervise([], $this->child(self::READY, 70), $this->child(70), $this->child(self::READY, 0));
        $this->assertSame([], $this->selfExec->runs);
    }

    public function test_a_stop_while_files_are_missing_ends_with_0(): void
    {
        $this->clock->whenSleeping = fn () => $this->supervisor->signal();

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, 70), $this->child(1)));
    }

    public function test_classes_are_preloaded_once_while_the_first_server_starts(): void
    {
        $look = function (): void {
            $this->assertSame(1, $this->preloaded);
        };

        $this->supervise([], $this->child($look, self::READY, 70), $this->child(self::READY, 0));
        $this->assertSame(1, $this->preloaded);
    }

    public function test_the_first_signal_drains_the_server_once(): void
    {
        $child = $this->child(self::READY, fn () => $this->supervisor->signal());

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(['drain'], $child->asked);
        $this->assertTrue($this->display->has('info Gracefully terminating connections.'));
    }

    public function test_a_signal_is_only_recorded_until_the_supervisor_is_about_to_wait_again(): void
    {
        $asked = null;
        $child = new FakeChild($this->clock, [self::READY, function (FakeChild $child) use (&$asked): void {
            $this->supervisor->signal();
            $this->supervisor->signal();
            $asked = $child->asked;
        }], obeys: false);

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame([], $asked);
        $this->assertSame(['drain', 'kill'], $child->asked);
    }

    public function test_a_signal_that_arrives_just_before_the_wait_is_acted_on_at_once(): void
    {
        $this->display->whenFlushing = fn () => $this->display->flushes === 3 ? $this->supervisor->signal() : null;
        $start = $this->clock->now;

        $this->assertSame(0, $this->supervise([], $child = $this->child(self::READY, fn () => null)));
        $this->assertSame(['drain'], $child->asked);
        $this->assertSame($start, $this->clock->now);
    }

    public function test_a_signal_between_the_exit_of_a_server_and_the_next_one_ends_the_supervisor(): void
    {
        $this->eventBridge = new FakeEventBridge(function (): void {
            $this->clock->now += 0.1;

            if (count($this->eventBridge->announced) === 2) {
                $this->supervisor->signal();
            }
        });

        $this->assertSame(70, $this->supervise([], $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'a'], ['event' => 'b']]], 70)));
        $this->assertSame(['a', 'b'], $this->eventBridge->announced);
        $this->assertFalse($this->display->has('started again'));
    }

    public function test_the_exit_code_of_a_drain_is_that_of_the_server(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal(), 3], obeys: false);

        $this->assertSame(3, $this->supervise([], $child));
    }

    public function test_the_second_signal_kills_the_server(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal(), fn () => $this->supervisor->signal()], obeys: false);

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(['drain', 'kill'], $child->asked);
    }

    public function test_repeated_hang_ups_of_a_closed_terminal_only_drain(): void
    {
        $hangUp = fn () => $this->supervisor->hangUp();
        $child = new FakeChild($this->clock, [self::READY, $hangUp, $hangUp, fn () => $this->supervisor->signal(), 0], obeys: false);

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertSame(['drain'], $child->asked);
        $this->assertTrue($this->display->has('Gracefully terminating connections.'));
    }

    /** SIGTERM is that of the supervisor itself; a terminal sends the others to every process of the group. */
    #[TestWith([143])]
    #[TestWith([130])]
    #[TestWith([131])]
    #[TestWith([129])]
    public function test_a_signal_before_the_server_listens_is_no_failure(int $code): void
    {
        $child = new FakeChild($this->clock, [fn () => $this->supervisor->signal(), $code], obeys: false);

        $this->assertSame(0, $this->supervise([], $child));
        $this->assertFalse($this->display->has('error'));
    }

    public function test_a_server_that_hangs_while_it_drains_is_killed(): void
    {
        $child = new FakeChild($this->clock, [self::READY, fn () => $this->supervisor->signal()], obeys: false);
        $start = $this->clock->now;

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(15.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('did not stop in time'));
    }

    public function test_a_server_that_does_not_listen_in_time_is_killed(): void
    {
        $start = $this->clock->now;

        $this->assertSame(137, $this->supervise([], $child = $this->child()));
        $this->assertSame(['kill'], $child->asked);
        $this->assertSame(60.0, $this->clock->now - $start);
        $this->assertTrue($this->display->has('warn The server did not listen within 60 seconds and was killed.'));
        $this->assertTrue($this->display->has('error The server ended before it was ready (exit code 137).'));
    }

    public function test_a_server_that_is_stopped_before_it_listens_has_the_whole_drain_time(): void
    {
        $start = $this->clock->now;
        $child = new FakeChild($this->clock, [fn () => $this->clock->now += 58, fn () => $this->supervisor->signal()], obeys: false);

        $this->assertSame(137, $this->supervise([], $child));
        $this->assertSame(['drain', 'kill'], $child->asked);
        $this->assertSame(58.0 + 15.0, $this->clock->now - $start);
        $this->assertFalse($this->display->has('did not listen'));
    }

    public function test_a_server_that_is_restarted_after_a_crash_has_the_whole_start_time(): void
    {
        $late = $this->child(fn () => $this->clock->now += 59, self::READY, 70);

        $this->assertSame(0, $this->supervise([], $late, $again = $this->child(fn () => $this->clock->now += 59), $this->child(self::READY, 0)));
        $this->assertSame(['kill'], $again->asked);
        $this->assertSame(1000.0 + 59 + 60 + 1, $this->clock->now);
        $this->assertTrue($this->display->has('error The server ended before it was ready (exit code 137); it is started again in 1 second.'));
    }

    public function test_a_signal_during_the_backoff_ends_it(): void
    {
        $this->clock->whenSleeping = fn () => $this->supervisor->signal();

        $this->assertSame(0, $this->supervise([], $this->child(self::READY, 70), $this->child(self::READY, 70)));
        $this->assertCount(2, $this->launcher->launched);
    }

    public function test_too_few_descriptors_are_reported_once(): void
    {
        $this->descriptors = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir($this->descriptors);
        array_map(fn (int $i) => touch("{$this->descriptors}/{$i}"), range(0, 960));
        $minute = fn () => $this->clock->now += 60;

        try {
            $this->supervise([], $this->child(self::READY, $minute, $minute, 0));
        } finally {
            array_map(unlink(...), glob("{$this->descriptors}/*") ?: []);
            rmdir($this->descriptors);
        }

        $this->assertSame(['descriptors-low'], $this->display->codes);
        $this->assertTrue($this->display->has('reverb:start has 960 of 1024 descriptors open'));
    }

    public function test_an_exception_of_the_display_is_reported(): void
    {
        $this->assertSame(0, $this->supervise([], $this->child(self::READY, ['type' => 'log'], 0)));
        $this->assertSame(['a log without a message'], $this->reports->reported);
    }

    public function test_periodic_tasks_run_in_between_and_may_throw(): void
    {
        $done = 0;
        $task = new PeriodicTask(15, function () use (&$done): void {
            $done++;

            throw new RuntimeException('chore');
        });
        $wait = fn () => $this->clock->now += 10;

        $this->assertSame(0, $this->supervise([$task], $this->child(self::READY, $wait, $wait, $wait, $wait, 0)));
        $this->assertSame(2, $done);
        $this->assertSame(['chore', 'chore'], $this->reports->reported);
    }

    public function test_changed_apps_are_sent_to_the_server(): void
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

    public function test_a_server_that_is_restarted_gets_apps_that_have_changed_meanwhile(): void
    {
        $change = function (): void {
            $this->apps = [['app_id' => 'new']];
        };
        $second = $this->child(self::READY, fn () => $this->supervisor->signal());

        $this->supervise([], $this->child(self::READY, $change, 70), $second);

        $this->assertSame(['{"command":"apps","apps":[{"app_id":"new"}]}'], $second->written);
    }
}
