<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Closure;
use Revurb\Events\EventBridge;
use Revurb\Output\Display;
use Revurb\Output\EventQueue;
use Revurb\Output\Rescue;
use Revurb\Output\UnexpectedOutput;
use Revurb\Publishing\StatePublisher;
use Revurb\Restart\DrainingServer;
use Revurb\Restart\HandoffState;
use Revurb\Restart\RestartFlagWatch;
use Revurb\Restart\SelfExec;
use Revurb\Restart\TakeOver;
use Revurb\Server\Child;
use Revurb\Server\Command;
use Revurb\Server\ExitCode;
use Revurb\Server\Launcher;
use Revurb\Server\Line;
use Revurb\Server\ServerFault;
use Revurb\System\Clock;
use Revurb\System\Descriptors;
use Revurb\System\Signals;
use Throwable;

/**
 * Keeps one server running: starts it, shows its log, starts it again after a crash, stops it once on a signal, and replaces it without a
 * closed port when the restart flag is raised.
 */
final class Supervisor
{
    private const RESTART_POLL_SECONDS = 5.0;

    /** Seconds between two checks for counted events whose report is due. */
    private const REPORT_POLL_SECONDS = 5.0;

    /** Seconds of a slice of time for listeners: all other work waits no longer than that, and one event. */
    private const EVENTS_SLICE_SECONDS = 0.01;

    /** Seconds for the events that are left when a server has exited or is handed over; the stop or the restart waits for them. */
    private const FINAL_EVENTS_SECONDS = 1.0;

    private const APPS_POLL_SECONDS = 5.0;

    private const STATE_POLL_SECONDS = 5.0;

    private const DESCRIPTORS_POLL_SECONDS = 60.0;

    /** Seconds within which a server has to listen; everything that it waits for by itself takes less. */
    private const START_SECONDS = 60;

    /** Seconds after its own deadline at which a draining server counts as hung. */
    private const GRACE_SECONDS = 5.0;

    /** Seconds between two checks of a draining server while its successor serves. */
    private const DRAIN_POLL_SECONDS = 0.5;

    /** Seconds between two checks of a draining server with which this process exits. */
    private const END_POLL_SECONDS = 0.01;

    /** Seconds between two writes to a slow console. */
    private const WRITE_POLL_SECONDS = 0.1;

    /** Seconds of the longest sleep during a backoff: a signal that arrives just before a sleep is noticed this much later. */
    private const MAX_SLEEP_SECONDS = 1.0;

    private StatePublisher $publisher;

    private EventQueue $eventQueue;

    private UnexpectedOutput $unexpected;

    private ?Child $child = null;

    private ?DrainingServer $drainingServer = null;

    private ?float $readyAt = null;

    /** When a server that does not listen yet is killed. */
    private float $readyBy = INF;

    private ?float $killAt = null;

    private int $signals = 0;

    /** Whether a signal, and not a restart, has requested the stop. */
    private bool $isStoppedBySignal = false;

    private bool $isDraining = false;

    private bool $isBackingOff = false;

    /** Whether any server of this run has listened. Failures from then on are retried, since clients wait. */
    private bool $hasServed = false;

    /** Whether the running server has logged an error, so that the reason for its exit need not be logged a second time. */
    private bool $hasLoggedError = false;

    private bool $isShortOfDescriptors = false;

    private string $address = '';

    /** The Unix socket on which the server waits for its successor; null until it was handed over. */
    private ?string $handoffSocket = null;

    /**
     * @param  list<PeriodicTask>  $tasks
     * @param  Closure(): void  $preload  runs while the first server starts, which takes longer
     */
    public function __construct(
        private readonly Launcher $launcher,
        private readonly Clock $clock,
        private readonly EventBridge $eventBridge,
        private readonly RestartFlagWatch $restart,
        private readonly AppsWatch $apps,
        private readonly Backoff $backoff,
        private readonly Rescue $rescue,
        private readonly SelfExec $selfExec,
        private readonly NotifySocket $notify,
        private readonly Descriptors $descriptors,
        private readonly array $tasks,
        private readonly Closure $preload,
    ) {}

    /**
     * @param  TakeOver|null  $takeOver  the server of the previous run, if there is one
     * @return int the exit code for the process manager
     */
    public function run(Command $command, float $drainSeconds, Display $display, StatePublisher $publisher, ?TakeOver $takeOver = null): int
    {
        $this->rescue->showOn($display);
        $this->publisher = $publisher;
        $this->eventQueue = new EventQueue($this->eventBridge, $this->rescue, $this->clock, $display);
        $this->unexpected = new UnexpectedOutput($display, $this->clock);
        $this->readInitialFlag();
        $scheduler = new TaskScheduler([
            new PeriodicTask(self::RESTART_POLL_SECONDS, fn () => $this->checkRestartFlag($drainSeconds, $display)),
            new PeriodicTask(self::APPS_POLL_SECONDS, fn () => $this->child === null ? null : $this->sendAppChanges($this->child)),
            new PeriodicTask(self::STATE_POLL_SECONDS, $publisher->tick(...)),
            new PeriodicTask(self::REPORT_POLL_SECONDS, $this->eventQueue->tick(...)),
            new PeriodicTask(self::REPORT_POLL_SECONDS, $this->unexpected->tick(...)),
            new PeriodicTask(self::DESCRIPTORS_POLL_SECONDS, fn () => $this->warnOfDescriptors($display)),
            ...$this->tasks,
        ], $this->clock);

        if ($takeOver !== null) {
            $this->address = $takeOver->handoff->address;
            $this->drainingServer = new DrainingServer($takeOver->oldServer, $this->clock, $takeOver->handoff->drainSeconds + self::GRACE_SECONDS);
        }

        $child = $this->launch($takeOver->command ?? $command);
        $this->rescue->run($this->preload);

        do {
            $code = $this->monitor($child, $drainSeconds, $scheduler, $display);
            $child = $this->rollBack($code, $takeOver, $display) ?? ($this->shouldRestart($code, $command, $display) ? $this->launch($command) : null);
        } while ($child !== null);

        $this->awaitDrained();
        $code = $this->finalExitCode($code);
        $this->rescue->run(fn () => $publisher->stopped($code));

        return $code;
    }

    /**
     * Handles a stop signal. The first one drains the server, the second one kills it. It is called at any moment, so it only sets flags
     * and passes the signal on.
     */
    public function signal(): void
    {
        $this->isStoppedBySignal = true;

        if (++$this->signals > 1) {
            $this->child?->kill();
            $this->drainingServer?->server->kill();
        } else {
            $this->drain();
        }
    }

    /**
     * Handles SIGHUP of a closed terminal. The terminal and its shell send it more than once, so it never counts as the second signal,
     * which kills the server.
     */
    public function hangUp(): void
    {
        $this->isStoppedBySignal = true;
        $this->drain();
    }

    /** Starts the drain once: a server that has not read its document yet is signalled, and a second signal would kill it. */
    private function drain(): void
    {
        if ($this->isDraining) {
            return;
        }

        $this->isDraining = true;
        $this->child?->drain();
        $this->drainingServer?->begin();
    }

    /** Reads the flag with which later ones are compared: the one of which this run is the result, or the one that is set at the start. */
    private function readInitialFlag(): void
    {
        $flag = $this->publisher->flagOfThisRun();

        if ($flag !== null) {
            $this->restart->begin($flag);

            return;
        }

        // Reading a cache that does not respond takes up to a minute, and systemd stops a service that is not ready after 90 seconds.
        if ($this->publisher->faultAtStart === null) {
            $this->restart->isRaised();
        }

        $this->rescue->run(fn () => $this->publisher->cacheRead($this->publisher->faultAtStart ?? $this->restart->fault()));
    }

    private function checkRestartFlag(float $drainSeconds, Display $display): void
    {
        if ($this->isDraining) {
            return;
        }

        $isRaised = $this->restart->isRaised();
        $this->publisher->cacheRead($this->restart->fault());

        if (! $isRaised) {
            return;
        }

        if (! $this->selfExec->isPossible()) {
            $this->publisher->restartBegan((string) $this->restart->flag(), isHandOver: false);
            $this->stopForProcessManager($display);
        } elseif ($this->readyAt !== null && $this->drainingServer === null) {
            $this->handOver($drainSeconds, $display);
        }
        // Otherwise the next poll tries again: a server starts or drains at the moment.
    }

    /** Stops the server if this process cannot replace itself; its process manager starts a new one. */
    private function stopForProcessManager(Display $display): void
    {
        $this->drain();
        $display->info("Stopping server on {$this->address}", 'server-stopping');
    }

    /** Hands the server over and replaces this process. It returns only if that fails. */
    private function handOver(float $drainSeconds, Display $display): void
    {
        $display->info("Restarting server on {$this->address}", 'restart-started');
        $this->publisher->restartBegan((string) $this->restart->flag(), isHandOver: true);

        try {
            $fault = $this->selfExec->fault();

            // The check may have taken a minute, during which a stop may have been requested.
            if ($this->isStopRequested()) {
                return;
            }

            $this->handoffSocket ??= $fault === null ? HandoffState::newSocket(sys_get_temp_dir()) : null;
        } catch (Throwable $exception) {
            $fault = $exception->getMessage();
        }

        if ($fault === null && $this->handoffSocket !== null) {
            $server = $this->handOverServer($this->handoffSocket, $display);

            if ($server === null) {
                $display->warn($delay = 'The running server does not listen now; the restart is tried again in a moment.', 'restart-delayed');
                $this->publisher->restartPostponed($delay);

                return;
            }

            $this->selfExec->run(new HandoffState($server, $this->address, $this->handoffSocket, $drainSeconds, $this->publisher->record()->toArray()), $this->isStopRequested(...));

            if ($this->isStopRequested()) {
                return;
            }

            $fault = 'this process cannot replace itself.';
        }

        $this->restart->acknowledge();
        $display->error("The new server could not start, and the running one continues: {$fault}", 'restart-failed');
        $this->publisher->restartFailed((string) $fault);
    }

    /** @return int|null its process id; null if there is no server or it did not accept the command */
    private function handOverServer(string $socket, Display $display): ?int
    {
        if ($this->child === null) {
            return null;
        }

        // What this run has not dispatched or reported is lost with it.
        $this->eventQueue->end(self::FINAL_EVENTS_SECONDS, $this->child);
        $this->unexpected->end();
        $display->finish();

        return $this->child->handOver($socket);
    }

    /** Continues with the previous server if its successor has exited before it listened. */
    private function rollBack(int $code, ?TakeOver $takeOver, Display $display): ?Child
    {
        if ($takeOver === null || $this->drainingServer === null || $this->drainingServer->hasBegun() || $this->isDraining) {
            return null;
        }

        $server = $this->drainingServer->server;
        $this->drainingServer = null;
        $this->handoffSocket = $takeOver->handoff->socket;
        $this->readyAt = $this->clock->now();
        $this->hasServed = true;
        $this->rescue->run(fn () => $display->error("The new server could not start (exit code {$code}), and the running one continues.", 'restart-failed'));
        $this->rescue->run(fn () => $this->publisher->rolledBack($code));
        $this->notify->ready();

        return $server;
    }

    /** Warns once when few descriptors are left; whatever opens them continues to do so. */
    private function warnOfDescriptors(Display $display): void
    {
        $warning = $this->isShortOfDescriptors ? null : $this->descriptors->warning();

        if ($warning !== null) {
            $this->isShortOfDescriptors = true;
            $display->warn($warning, 'descriptors-low');
        }
    }

    private function awaitDrained(): void
    {
        $this->drainingServer?->begin();

        while ($this->drainingServer?->isOver(self::END_POLL_SECONDS) === false) {
        }
    }

    private function launch(Command $command): Child
    {
        $this->readyAt = null;
        $this->handoffSocket = null;
        $this->hasLoggedError = false;
        $child = $this->launcher->launch($command);
        $this->readyBy = $this->clock->now() + self::START_SECONDS;
        $this->apps->serverStarted($command->document);
        $this->rescue->run($this->publisher->starting(...));
        // The apps may have changed since that document was built.
        $this->rescue->run(fn () => $this->sendAppChanges($child));

        return $child;
    }

    private function sendAppChanges(Child $child): void
    {
        $command = $this->apps->nextCommand();

        if ($command !== null) {
            $child->write($command);
            $this->publisher->appsChanged($command);
        }
    }

    /** @return int the child's exit code */
    private function monitor(Child $child, float $drainSeconds, TaskScheduler $scheduler, Display $display): int
    {
        $this->child = $child;

        if ($this->isDraining) {
            $child->drain();
        }

        while (($code = $child->exitCode()) === null) {
            foreach ($child->wait($this->selectTimeout($scheduler, $display)) as $line) {
                $this->rescue->run(fn () => $this->handleOutput($line, $child, $display));
            }

            $this->rescue->run(fn () => $this->eventQueue->dispatch(self::EVENTS_SLICE_SECONDS, $child));
            $scheduler->runDue($this->rescue);
            $this->enforceStartDeadline($child, $display);
            $this->reportDrained();
            $this->enforceDrainDeadline($child, $drainSeconds, $display);
        }

        $this->child = null;
        $this->rescue->run(fn () => $this->eventQueue->end(self::FINAL_EVENTS_SECONDS, $child));
        $this->rescue->run($this->unexpected->end(...));

        return $code;
    }

    private function selectTimeout(TaskScheduler $scheduler, Display $display): float
    {
        $untilWritten = $display->flush() ? PHP_INT_MAX : self::WRITE_POLL_SECONDS;

        if (! $this->eventQueue->isEmpty()) {
            return 0.0;
        }

        $untilReady = max(0.0, $this->startDeadline() - $this->clock->now());
        $untilKill = $this->killAt === null ? PHP_INT_MAX : max(0.0, $this->killAt - $this->clock->now());
        $untilDrainPolled = $this->drainingServer?->hasBegun() === true ? self::DRAIN_POLL_SECONDS : PHP_INT_MAX;

        return min($scheduler->secondsToNext(), $untilReady, $untilKill, $untilDrainPolled, $untilWritten);
    }

    /** Infinite for a server that listens or drains. */
    private function startDeadline(): float
    {
        return $this->readyAt === null && ! $this->isDraining ? $this->readyBy : INF;
    }

    /** A server that neither listens nor exits would block every later restart. */
    private function enforceStartDeadline(Child $child, Display $display): void
    {
        if ($this->clock->now() < $this->startDeadline()) {
            return;
        }

        $child->kill();
        $this->readyBy = INF;
        $this->rescue->run(fn () => $display->warn(sprintf('The server did not listen within %d seconds and was killed.', self::START_SECONDS), 'start-timeout'));
    }

    private function reportDrained(): void
    {
        if ($this->drainingServer?->hasBegun() === true && $this->drainingServer->isOver()) {
            $this->drainingServer = null;
            $this->rescue->run($this->publisher->oldServerExited(...));
        }
    }

    private function enforceDrainDeadline(Child $child, float $drainSeconds, Display $display): void
    {
        if (! $this->isDraining) {
            return;
        }

        if ($this->killAt === null) {
            $this->killAt = $this->clock->now() + $drainSeconds + self::GRACE_SECONDS;
            $this->notify->stopping();
            $this->rescue->run($this->publisher->draining(...));

            if ($this->isStoppedBySignal) {
                $this->rescue->run(fn () => $display->info('Gracefully terminating connections.', 'server-terminating'));
            }
        } elseif ($this->clock->now() >= $this->killAt) {
            $child->kill();
            $this->killAt = INF;
            $this->rescue->run(fn () => $display->warn('The server did not stop in time and was killed.', 'stop-timeout'));
        }
    }

    private function handleOutput(Line $line, Child $child, Display $display): void
    {
        if ($line->isError) {
            $display->passThrough($line);

            return;
        }

        $message = json_decode($line->text, true);

        match (is_array($message) ? $message['type'] ?? null : null) {
            'ready' => $this->markReady((array) $message, $display),
            'log' => $this->showLog((array) $message, $display),
            'events' => $this->eventQueue->add((array) $message, strlen($line->text), $child),
            'status' => $this->publisher->status((array) $message),
            'moved' => $this->publisher->moved((array) $message),
            default => $this->unexpected->add($line),
        };
    }

    /** @param  array<array-key, mixed>  $entry */
    private function showLog(array $entry, Display $display): void
    {
        $this->publisher->logged($entry);
        $this->hasLoggedError = $this->hasLoggedError || ($entry['level'] ?? null) === 'error';
        $display->log($entry);
    }

    /** @param  array<array-key, mixed>  $message */
    private function markReady(array $message, Display $display): void
    {
        $host = is_string($message['host'] ?? null) ? $message['host'] : '';
        $port = is_int($message['port'] ?? null) ? $message['port'] : 0;

        $this->readyAt = $this->clock->now();
        $this->hasServed = true;
        $this->address = "{$host}:{$port}";
        $this->drainingServer?->begin();
        $this->notify->ready();
        $display->ready($host, $port, ($message['secure'] ?? false) === true);
        $this->publisher->ready($this->address, $message);
    }

    private function shouldRestart(int $code, Command $command, Display $display): bool
    {
        if ($this->isDraining) {
            return false;
        }

        [$reason, $name] = match (true) {
            $code === ExitCode::WRONG_CONFIG => ['The configuration is not valid; correct config/reverb.php or the environment, and start the server again.', 'config-invalid'],
            $this->readyAt === null && $code === ExitCode::CANNOT_LISTEN => [$this->hasLoggedError ? null : 'The server could not listen.', 'cannot-listen'],
            $code === ExitCode::CANNOT_LISTEN => ["The server can no longer listen (exit code {$code}).", 'cannot-listen'],
            $this->readyAt === null && ! $this->hasServed => $this->failedStart($code, $command),
            default => [null, null],
        };

        if ($reason !== null) {
            $this->rescue->run(fn () => $display->error($reason, $name));
        }

        if ($name !== null) {
            return false;
        }

        return match (true) {
            $this->readyAt === null => $this->backOff(ServerFault::atStart($command, $code), $display),
            $code === ExitCode::OK => false,
            default => $this->backOff(ServerFault::crash($code), $display),
        };
    }

    /** @return array{string, string} */
    private function failedStart(int $code, Command $command): array
    {
        $fault = ServerFault::atStart($command, $code);

        return ["{$fault->sentence}.", $fault->code];
    }

    /** @return bool false if a stop was requested meanwhile */
    private function backOff(ServerFault $fault, Display $display): bool
    {
        $now = $this->clock->now();
        $seconds = $this->backoff->afterCrash($now - ($this->readyAt ?? $now));
        $when = match ($seconds) {
            0 => 'now',
            1 => 'in 1 second',
            default => "in {$seconds} seconds",
        };
        $this->rescue->run(fn () => $display->error("{$fault->sentence}; it is started again {$when}.", $fault->code));
        $this->rescue->run(fn () => $this->publisher->crashed($fault->exitCode));

        $until = $this->clock->now() + $seconds;
        $this->isBackingOff = true;

        while (! $this->isStopRequested() && ($left = $until - $this->clock->now()) > 0) {
            $this->clock->sleep(min($left, self::MAX_SLEEP_SECONDS));
        }

        if ($fault->isOfInstallation() && ! $this->isStopRequested()) {
            $this->rescue->run(fn () => $this->restartWithCurrentFiles($display));
        }

        if ($this->isStopRequested()) {
            return false;
        }

        $this->isBackingOff = false;

        return true;
    }

    /**
     * The files with which this run was started are missing or incomplete. If the application boots again, in its directory or in the
     * release to which that name leads now, this process replaces itself, so that all files are of one version. Otherwise it continues as
     * it is.
     */
    private function restartWithCurrentFiles(Display $display): void
    {
        if ($this->drainingServer === null && $this->selfExec->isPossible() && $this->selfExec->fault() === null && ! $this->isStopRequested()) {
            $display->info('The application is complete again: reverb:start restarts with its current files', 'supervisor-renewed');
            $display->finish();
            $this->selfExec->run(null, $this->isStopRequested(...));
        }
    }

    /** Read by a method, since a signal handler may change the property between two lines of the caller. */
    private function isStopRequested(): bool
    {
        return $this->isDraining;
    }

    private function finalExitCode(int $code): int
    {
        return match (true) {
            // Stopped during a backoff: the crash has been reported, and the stop was requested.
            $this->isDraining && $this->isBackingOff => ExitCode::OK,
            // Killed by the signal that requests a drain, from this process or the terminal, before the server handled signals.
            $this->isDraining && in_array($code - ExitCode::SIGNAL_BASE, [Signals::TERM, Signals::INT, Signals::QUIT, Signals::HUP], strict: true) => ExitCode::OK,
            ! $this->isDraining && $this->readyAt === null && $code === ExitCode::OK => ExitCode::FAILURE,
            default => ExitCode::ofCommand($code),
        };
    }
}
