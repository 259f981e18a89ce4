<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use Closure;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Events\SocketCommands;
use Revurb\Process\AppsWatch;
use Revurb\Process\Backoff;
use Revurb\Process\Command;
use Revurb\Process\Descriptors;
use Revurb\Process\HandoffState;
use Revurb\Process\Line;
use Revurb\Process\NotifySocket;
use Revurb\Process\PeriodicTask;
use Revurb\Process\Rescue;
use Revurb\Process\RestartFlagWatch;
use Revurb\Process\StatePublisher;
use Revurb\Process\Supervisor;
use Revurb\Process\TakeOver;
use Revurb\Status\LastRestart;
use Revurb\Status\RestartFlag;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use Revurb\Tests\Support\FakeEventBridge;
use Revurb\Tests\Support\FakeLauncher;
use Revurb\Tests\Support\FakeReports;
use Revurb\Tests\Support\FakeSelfExec;
use RuntimeException;

final class SupervisorTest extends TestCase
{
    private const READY = ['type' => 'ready', 'host' => '0.0.0.0', 'port' => 8080, 'secure' => false, 'pid' => 1];

    /** Files that are there; they are looked at when the server ends before it listens. */
    private const COMMAND = [PHP_BINARY, '--no-env-file', __FILE__, 'start'];

    private FakeClock $clock;

    private FakeDisplay $display;

    private FakeCache $cache;

    /** The cache in which the supervisor publishes: apart from the one of the restart flag. */
    private FakeCache $states;

    private Servers $servers;

    private FakeReports $reports;

    private FakeEventBridge $eventBridge;

    private FakeLauncher $launcher;

    private Supervisor $supervisor;

    private FakeSelfExec $selfExec;

    private ?TakeOver $takeOver = null;

    private int $preloaded = 0;

    private ?string $faultAtStart = null;

    /** A folder with an entry for each. */
    private string $descriptors = '/no/such/folder';

    /** @var list<array<string, mixed>> */
    private array $apps = [];

    protected function setUp(): void
    {
        $this->clock = new FakeClock;
        $this->display = new FakeDisplay;
        $this->cache = new FakeCache;
        $this->states = new FakeCache;
        $this->reports = new FakeReports;
        $this->eventBridge = new FakeEventBridge;
        $this->selfExec = new FakeSelfExec;
    }

    /** @param  list<PeriodicTask>  $tasks */
    private function supervise(array $tasks, FakeChild ...$children): int
    {
        $this->launcher = new FakeLauncher(array_values($children));
        $this->supervisor = new Supervisor(
            $this->launcher,
            $this->clock,
            $this->eventBridge,
            new RestartFlagWatch(new RestartFlag($this->cache), $this->reports, $this->clock),
            new AppsWatch(fn (): array => $this->apps, $this->reports),
            new Backoff,
            new Rescue($this->reports),
            $this->selfExec,
            new NotifySocket(null),
            new Descriptors($this->descriptors),
            $tasks,
            function (): void {
                $this->preloaded++;
            },
        );

        $this->servers = new Servers($this->states);

        return $this->supervisor->run(new Command(self::COMMAND, '/', [], '{}'), 10.0, $this->display, $this->publisher(), $this->takeOver);
    }

    private function publisher(): StatePublisher
    {
        $record = ServerRecord::from($this->takeOver->handoff->record ?? null) ?? new ServerRecord('one', 'web1', '0.0.0.0:8080', '/srv/chat/current', 'app', 1, 0, 'run');

        return new StatePublisher(
            $this->servers,
            $this->clock,
            $this->display,
            $record,
            new RunningServer(0, 0, '', '', '/srv/chat/releases/2', 'new configuration', 'new apps'),
            fn (mixed $apps): string => (string) json_encode($apps),
            fn (string $text): string => str_replace('hush', '********', $text),
            'file',
            faultAtStart: $this->faultAtStart,
        );
    }

    private function record(): ServerRecord
    {
        return $this->servers->find('one') ?? throw new RuntimeException('Nothing is published.');
    }

    /** @param  int|string|Line|array<string, mixed>|Closure(FakeChild): mixed  ...$steps */
    private function child(int|string|array|Line|Closure ...$steps): FakeChild
    {
        return new FakeChild($this->clock, array_values($steps));
    }

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
        $this->assertSame([], array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'raw')));
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
        $this->assertSame(['ready 0.0.0.0:8080', 'log hello', 'raw not json'], $this->display->said);
    }

    public function test_a_truncated_unknown_or_too_long_line_is_counted_and_not_shown(): void
    {
        $cut = '{"type":"events","events":[{"event":"message_received","message":"{\"auth\":\"the-key:5e1f';
        $minute = fn () => $this->clock->now += 60;
        $tooLong = new Line('', isTooLong: true);
        $this->supervise([], $this->child(self::READY, $cut, '5e1f","data":1}', '[]', '{"type":"news"}', $tooLong, $minute, fn () => null, $tooLong, $tooLong, 0));

        $this->assertFalse($this->display->has('5e1f'));
        $this->assertFalse($this->display->has('raw'));
        $said = array_values(array_filter($this->display->said, fn (string $said): bool => str_contains($said, 'to stdout')));
        $this->assertCount(5, $said, implode("\n", $said));

        foreach (['cannot be read (1)', 'skipped (1)', 'cannot be read (3)', 'skipped (1)', 'skipped (1)'] as $i => $part) {
            $this->assertStringContainsString($part, $said[$i]);
        }
    }

    public function test_after_the_first_crash_the_server_is_restarted_at_once_and_later_with_backoff(): void
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
    #[TestWith([0, false, 1, 'SupervisorTest.php) does not run (exit code 0 of Bun) and is not whole: run `composer reinstall revurb/revurb`'])]
    #[TestWith([1, false, 1, 'SupervisorTest.php) does not run (exit code 1 of Bun) and is not whole: run `composer reinstall revurb/revurb`'])]
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
        $this->assertSame(['log The port is in use.'], $this->display->said);
    }

    public function test_log_lines_have_stable_codes(): void
    {
        $this->supervise([], $this->child(self::READY, 70), $this->child(self::READY, fn () => $this->supervisor->signal()));

        $this->assertSame(['server-crashed', 'server-terminating'], $this->display->codes);
    }

    /** In the midst of an installation: the script is not whole, and Bun ends with 1, as any program that has no code for it. */
    public function test_once_a_server_has_listened_failed_starts_are_retried_with_backoff(): void
    {
        $this->assertSame(0, $this->supervise([], $this->child(self::READY, 70), $this->child(1), $this->child(0), $this->child(127), $this->child(70), $this->child(self::READY, 0)));
        $this->assertSame(1.0 + 2.0 + 4.0 + 8.0, array_sum($this->clock->slept));
        $file = __FILE__;
        $bun = PHP_BINARY;
        $this->assertSame([
            'error The server crashed (exit code 70); it is started again now.',
            "error The script of the server ({$file}) does not run (exit code 1 of Bun) and is not whole: run `composer reinstall revurb/revurb`, or `make build` in a checkout; it is started again in 1 second.",
            "error The script of the server ({$file}) does not run (exit code 0 of Bun) and is not whole: run `composer reinstall revurb/revurb`, or `make build` in a checkout; it is started again in 2 seconds.",
            "error The server cannot be started, because {$bun} does not run: run `rm -rf node_modules/bun node_modules/@oven && npm install bun` in the folder of the application; it is started again in 4 seconds.",
            'error The server ended before it was ready (exit code 70); it is started again in 8 seconds.',
        ], array_values(array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'error'))));
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

        // A process that cannot be executed anew goes on as before.
        $this->supervise([], $this->child(self::READY, 70), $this->child(1), $this->child($whole, 127), $this->child(self::READY, 0));
        $this->assertSame([null], $this->selfExec->runs);
        $this->assertSame(1, count(array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'info The application is complete again'))));
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
        $this->assertTrue($this->display->has('warn The server did not listen within 60 seconds and was ended.'));
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

    public function test_events_are_dispatched_and_commands_of_listeners_are_sent(): void
    {
        $this->eventBridge = new FakeEventBridge(fn (array $event, SocketCommands $commands) => $commands->send('1', '1.2', 'back'));
        $child = $this->child(self::READY, ['type' => 'events', 'events' => [['event' => 'message_sent'], 'nonsense', ['event' => 'channel_created']], 'dropped' => 4], 0);

        $this->supervise([], $child);

        $this->assertSame(['message_sent', 'channel_created'], $this->eventBridge->announced);
        $this->assertCount(3, $child->written);
        $this->assertSame('{"command":"events-announced"}', $child->written[2]);
        $this->assertTrue($this->display->has('warn Listeners were too slow: 4 events were not announced.'));
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
        $this->assertTrue($this->display->has('warn Listeners were too slow: '.(100 - count($this->eventBridge->announced)).' events were not announced.'));
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
        $this->assertTrue($this->display->has('events were not announced.'));
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

        $said = array_values(array_filter($this->display->said, fn (string $said): bool => str_contains($said, 'not announced')));
        $this->assertCount(4, $said, implode("\n", $said));

        foreach (['5 events', '15 events', '3 events of more than 256 KiB', '1 events'] as $i => $part) {
            $this->assertStringContainsString($part, $said[$i]);
        }
    }

    public function test_events_without_acknowledgements_take_bounded_memory(): void
    {
        $this->eventBridge = new FakeEventBridge(fn () => $this->clock->now += 1.0);
        $large = ['type' => 'events', 'events' => [['event' => 'e', 'message' => str_repeat('x', 250_000)], ['event' => 'f']], 'dropped' => 0];
        $isDropped = [];
        $look = function () use (&$isDropped): void {
            $isDropped[] = $this->display->has('events were not announced.');
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
        $said = array_values(array_filter($this->display->said, fn (string $said): bool => str_contains($said, 'A listener has failed')));
        $this->assertCount(2, $said);
        $this->assertStringContainsString('999 times', $said[0]);
        // That of the last moment, for which the exception handler is not called any more.
        $this->assertStringContainsString('1 times', $said[1]);
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

    /** Waits of a child that serves on, until the restart flag has been looked at. */
    private function raiseFlag(): Closure
    {
        return function (): void {
            (new RestartFlag($this->cache))->raise(2);
            $this->clock->now += 5;
        };
    }

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
        $errors = array_filter($this->display->said, fn (string $said): bool => str_starts_with($said, 'error'));
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
        $this->assertSame(1, count(array_filter($this->display->said, fn (string $said): bool => str_contains($said, 'no such directory'))));
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

        $this->assertContains('info Restarted in 1.2 s: 240 connections moved to pid 4712', $this->display->said);
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
