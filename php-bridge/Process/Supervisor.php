<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Revurb\Events\EventBridge;
use Throwable;

/**
 * Keeps one server running: starts it, shows what it says, starts it again after a crash, stops it once when asked, and
 * has another one take its place without a closed port.
 */
final class Supervisor
{
    private const RESTART_POLL_SECONDS = 5.0;

    /** Seconds between two looks at what has waited for a minute to be reported. */
    private const REPORT_POLL_SECONDS = 5.0;

    /** Seconds for listeners in one slice: all other work waits no longer than that, and one event. */
    private const EVENTS_SLICE_SECONDS = 0.01;

    /** Seconds for the events that are left when a server has ended, or is handed over: the stop or the restart waits for them. */
    private const FINAL_EVENTS_SECONDS = 1.0;

    private const APPS_POLL_SECONDS = 5.0;

    private const STATE_POLL_SECONDS = 5.0;

    private const DESCRIPTORS_POLL_SECONDS = 60.0;

    /** Seconds in which a server has to listen; all that it waits for by itself takes less. */
    private const START_SECONDS = 60;

    /** Seconds beyond its own deadline after which a draining server counts as hung. */
    private const GRACE_SECONDS = 5.0;

    /** Seconds between two looks at a server that is leaving, while another one serves. */
    private const DRAIN_POLL_SECONDS = 0.5;

    /** Seconds between two looks at a server that is leaving, when this process ends with it. */
    private const END_POLL_SECONDS = 0.01;

    /** Seconds between two looks at a console that is not read. */
    private const WRITE_POLL_SECONDS = 0.1;

    /** Seconds; so long may a signal that came just before a pause go unnoticed. */
    private const MAX_SLEEP_SECONDS = 1.0;

    private StatePublisher $publisher;

    private EventQueue $eventQueue;

    private UnexpectedOutput $unexpected;

    private ?Child $child = null;

    private ?DrainingServer $drainingServer = null;

    private ?float $readyAt = null;

    /** When a server that does not listen by then is ended. */
    private float $readyBy = INF;

    private ?float $killAt = null;

    private int $signals = 0;

    /** By a signal, and not by a restart. */
    private bool $isStoppedBySignal = false;

    private bool $isDraining = false;

    private bool $isBackingOff = false;

    /** Whether any server of this run has listened: what fails from then on is tried again, since clients wait. */
    private bool $hasServed = false;

    /** The server that runs has logged an error: the reason for its end need not be logged a second time. */
    private bool $hasLoggedError = false;

    private bool $isShortOfDescriptors = false;

    private string $address = '';

    /** Where the server waits for the next one; null: it was not told to yet. */
    private ?string $handoffSocket = null;

    /**
     * @param  list<PeriodicTask>  $tasks
     * @param  Closure(): void  $preload  what is done while the first server starts, which takes longer
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
     * @param  TakeOver|null  $takeOver  what an earlier run of this process has left behind
     * @return int the exit code for the process manager
     */
    public function run(Command $command, float $drainSeconds, Display $display, StatePublisher $publisher, ?TakeOver $takeOver = null): int
    {
        $this->rescue->showOn($display);
        $this->publisher = $publisher;
        $this->eventQueue = new EventQueue($this->eventBridge, $this->rescue, $this->clock, $display);
        $this->unexpected = new UnexpectedOutput($display, $this->clock);
        $this->readFlag();
        $scheduler = new TaskScheduler([
            new PeriodicTask(self::RESTART_POLL_SECONDS, fn () => $this->checkRestartFlag($drainSeconds, $display)),
            new PeriodicTask(self::APPS_POLL_SECONDS, fn () => $this->child === null ? null : $this->sendAppChanges($this->child)),
            new PeriodicTask(self::STATE_POLL_SECONDS, $publisher->tick(...)),
            new PeriodicTask(self::REPORT_POLL_SECONDS, $this->eventQueue->tick(...)),
            new PeriodicTask(self::REPORT_POLL_SECONDS, $this->unexpected->tick(...)),
            new PeriodicTask(self::DESCRIPTORS_POLL_SECONDS, fn () => $this->watchDescriptors($display)),
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
        $code = $this->verdict($code);
        $this->rescue->run(fn () => $publisher->stopped($code));

        return $code;
    }

    /**
     * A signal for this process. The first one drains, the second one ends the server at once. It is called in the midst
     * of anything, so it only notes and passes on.
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
     * The terminal was closed. It and its shell send that signal more than once, so that none of them is the second one, which ends the
     * server at once.
     */
    public function hangUp(): void
    {
        $this->isStoppedBySignal = true;
        $this->drain();
    }

    /** Once: a server that has not read its document yet is asked by a signal, the second of which would end it. */
    private function drain(): void
    {
        if ($this->isDraining) {
            return;
        }

        $this->isDraining = true;
        $this->child?->drain();
        $this->drainingServer?->begin();
    }

    /** The flag against which later ones are held: the one that this run answers, or the one that is there at the start. */
    private function readFlag(): void
    {
        $answered = $this->publisher->answeredFlag();

        if ($answered !== null) {
            $this->restart->begin($answered);

            return;
        }

        // To ask a cache that does not answer takes up to a minute, and systemd ends a service that is not ready after 90 seconds.
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
        // Else in a while: one server comes or goes already.
    }

    /** Where this process cannot become a new one, its process manager starts a new one. */
    private function stopForProcessManager(Display $display): void
    {
        $this->drain();
        $display->info("Stopping server on {$this->address}", 'server-stopping');
    }

    /** Does not return where it succeeds. */
    private function handOver(float $drainSeconds, Display $display): void
    {
        $display->info("Restarting server on {$this->address}", 'restart-started');
        $this->publisher->restartBegan((string) $this->restart->flag(), isHandOver: true);

        try {
            $fault = $this->selfExec->fault();

            // That may have taken a while.
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

            $fault = 'this process cannot be executed anew.';
        }

        $this->restart->acknowledge();
        $display->error("The new server could not start, and the running one goes on: {$fault}", 'restart-failed');
        $this->publisher->restartFailed((string) $fault);
    }

    /** @return int|null its process id; null: there is none, or it did not take the command */
    private function handOverServer(string $socket, Display $display): ?int
    {
        if ($this->child === null) {
            return null;
        }

        // What this run of the process has not announced or reported is lost with it.
        $this->eventQueue->end(self::FINAL_EVENTS_SECONDS, $this->child);
        $this->unexpected->end();
        $display->finish();

        return $this->child->handOver($socket);
    }

    /** The server that was to be replaced serves on, when the one that was to replace it never came to listen. */
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
        $this->rescue->run(fn () => $display->error("The new server could not start (exit code {$code}), and the running one goes on.", 'restart-failed'));
        $this->rescue->run(fn () => $this->publisher->rolledBack($code));
        $this->notify->ready();

        return $server;
    }

    /** Once: what opens them goes on doing so. */
    private function watchDescriptors(Display $display): void
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
        $this->apps->begin($command->document);
        $this->rescue->run($this->publisher->starting(...));
        // It may be a while since that document was written.
        $this->rescue->run(fn () => $this->sendAppChanges($child));

        return $child;
    }

    private function sendAppChanges(Child $child): void
    {
        $news = $this->apps->news();

        if ($news !== null) {
            $child->write($news);
            $this->publisher->appsChanged($news);
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

            $this->rescue->run(fn () => $this->eventQueue->announce(self::EVENTS_SLICE_SECONDS, $child));
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
        $untilGone = $this->drainingServer?->hasBegun() === true ? self::DRAIN_POLL_SECONDS : PHP_INT_MAX;

        return min($scheduler->secondsToNext(), $untilReady, $untilKill, $untilGone, $untilWritten);
    }

    /** None for a server that listens, or is to stop. */
    private function startDeadline(): float
    {
        return $this->readyAt === null && ! $this->isDraining ? $this->readyBy : INF;
    }

    /** A server that neither listens nor ends would be waited for for ever, and every later restart with it. */
    private function enforceStartDeadline(Child $child, Display $display): void
    {
        if ($this->clock->now() < $this->startDeadline()) {
            return;
        }

        $child->kill();
        $this->readyBy = INF;
        $this->rescue->run(fn () => $display->warn(sprintf('The server did not listen within %d seconds and was ended.', self::START_SECONDS), 'start-timeout'));
    }

    private function reportDrained(): void
    {
        if ($this->drainingServer?->hasBegun() === true && $this->drainingServer->isOver()) {
            $this->drainingServer = null;
            $this->rescue->run($this->publisher->departed(...));
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
            $this->rescue->run(fn () => $display->warn('The server did not stop in time and was ended.', 'stop-timeout'));
        }
    }

    private function handleOutput(Line $line, Child $child, Display $display): void
    {
        if ($line->isError) {
            $display->passThrough($line);

            return;
        }

        $said = json_decode($line->text, true);

        match (is_array($said) ? $said['type'] ?? null : null) {
            'ready' => $this->markReady((array) $said, $display),
            'log' => $this->showLog((array) $said, $display),
            'events' => $this->eventQueue->add((array) $said, strlen($line->text), $child),
            'status' => $this->publisher->status((array) $said),
            'moved' => $this->publisher->moved((array) $said),
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

    /** @param  array<array-key, mixed>  $said */
    private function markReady(array $said, Display $display): void
    {
        $host = is_string($said['host'] ?? null) ? $said['host'] : '';
        $port = is_int($said['port'] ?? null) ? $said['port'] : 0;

        $this->readyAt = $this->clock->now();
        $this->hasServed = true;
        $this->address = "{$host}:{$port}";
        $this->drainingServer?->begin();
        $this->notify->ready();
        $display->ready($host, $port, ($said['secure'] ?? false) === true);
        $this->publisher->ready($this->address, $said);
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
            $this->readyAt === null => $this->pause(ServerFault::atStart($command, $code), $display),
            $code === ExitCode::OK => false,
            default => $this->pause(ServerFault::crash($code), $display),
        };
    }

    /** @return array{string, string} */
    private function failedStart(int $code, Command $command): array
    {
        $fault = ServerFault::atStart($command, $code);

        return ["{$fault->sentence}.", $fault->code];
    }

    /** @return bool false: a stop was asked for in the meantime */
    private function pause(ServerFault $fault, Display $display): bool
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
            $this->rescue->run(fn () => $this->renew($display));
        }

        if ($this->isStopRequested()) {
            return false;
        }

        $this->isBackingOff = false;

        return true;
    }

    /**
     * The files with which this run has started are gone or not whole. Where the application boots again, in its directory or in the
     * release to which the name of that leads now, a new run of this process has files that fit together. Else it goes on as it is.
     */
    private function renew(Display $display): void
    {
        if ($this->drainingServer === null && $this->selfExec->isPossible() && $this->selfExec->fault() === null && ! $this->isStopRequested()) {
            $display->info('The application is whole again: reverb:start begins anew with its current files', 'supervisor-renewed');
            $display->finish();
            $this->selfExec->run(null, $this->isStopRequested(...));
        }
    }

    /** Read by a method, since a signal handler may change the property between two lines of the caller. */
    private function isStopRequested(): bool
    {
        return $this->isDraining;
    }

    private function verdict(int $code): int
    {
        return match (true) {
            // Stopped while it paused after a crash: the crash has been told, and the stop is what was asked for.
            $this->isDraining && $this->isBackingOff => ExitCode::OK,
            // Ended by the very signal that asks for a drain, ours or the terminal's, before it listened to signals.
            $this->isDraining && in_array($code - ExitCode::SIGNAL_BASE, [Signals::TERM, Signals::INT, Signals::QUIT, Signals::HUP], strict: true) => ExitCode::OK,
            ! $this->isDraining && $this->readyAt === null && $code === ExitCode::OK => ExitCode::FAILURE,
            default => ExitCode::ofCommand($code),
        };
    }
}
