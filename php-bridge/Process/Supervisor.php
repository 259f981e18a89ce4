<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Revurb\Events\Announcements;
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
    private const TURN_SECONDS = 0.01;

    /** Seconds for the events that are left when a server has ended, or is handed over: the stop or the restart waits for them. */
    private const LAST_TURN_SECONDS = 1.0;

    private const APPS_POLL_SECONDS = 5.0;

    private const STATE_POLL_SECONDS = 5.0;

    private const DESCRIPTORS_POLL_SECONDS = 60.0;

    /** Seconds in which a server has to listen; all that it waits for by itself takes less. */
    private const START_SECONDS = 60;

    /** Seconds beyond its own deadline after which a draining server counts as hung. */
    private const GRACE_SECONDS = 5.0;

    /** Seconds between two looks at a server that is leaving, while another one serves. */
    private const DEPARTURE_POLL_SECONDS = 0.5;

    /** Seconds between two looks at a server that is leaving, when this process ends with it. */
    private const END_POLL_SECONDS = 0.01;

    /** Seconds between two looks at a console that is not read. */
    private const WRITE_POLL_SECONDS = 0.1;

    /** Seconds; so long may a signal that came just before a pause go unnoticed. */
    private const LONGEST_NAP = 1.0;

    private StatePublisher $publisher;

    private EventQueue $events;

    private ForeignOutput $foreign;

    private ?Child $child = null;

    private ?Departure $departure = null;

    private ?float $readyAt = null;

    /** When a server that does not listen by then is ended. */
    private float $readyBy = INF;

    private ?float $killAt = null;

    private int $signals = 0;

    /** By a signal, and not by a restart. */
    private bool $isAsked = false;

    private bool $isDraining = false;

    private bool $isPausing = false;

    private bool $isStopped = false;

    /** Whether any server of this run has listened: what fails from then on is tried again, since clients wait. */
    private bool $hasServed = false;

    /** The server that runs has logged an error: the reason for its end need not be logged a second time. */
    private bool $hasSaidWhy = false;

    private bool $isShortOfDescriptors = false;

    private string $address = '';

    /** Where the server waits for the next one; null: it was not told to yet. */
    private ?string $peer = null;

    /**
     * @param  list<Chore>  $chores
     * @param  Closure(): void  $preload  what is done while the first server starts, which takes longer
     */
    public function __construct(
        private readonly Launcher $launcher,
        private readonly Clock $clock,
        private readonly Announcements $announcements,
        private readonly RestartWatch $restart,
        private readonly AppsWatch $apps,
        private readonly Backoff $backoff,
        private readonly Guard $guard,
        private readonly Reexecution $reexecution,
        private readonly NotifySocket $notify,
        private readonly Descriptors $descriptors,
        private readonly array $chores,
        private readonly Closure $preload,
    ) {}

    public function state(): State
    {
        return match (true) {
            $this->isStopped => State::Stopped,
            $this->isDraining => State::Draining,
            $this->readyAt === null => State::Starting,
            default => State::Ready,
        };
    }

    /**
     * @param  Succession|null  $succession  what an earlier run of this process has left behind
     * @return int the exit code for the process manager
     */
    public function run(Command $command, float $drainSeconds, Display $display, StatePublisher $publisher, ?Succession $succession = null): int
    {
        $this->guard->showOn($display);
        $this->publisher = $publisher;
        $this->events = new EventQueue($this->announcements, $this->guard, $this->clock, $display);
        $this->foreign = new ForeignOutput($display, $this->clock);
        $this->readFlag();
        $schedule = new Schedule([
            new Chore(self::RESTART_POLL_SECONDS, fn () => $this->obeyRestart($drainSeconds, $display)),
            new Chore(self::APPS_POLL_SECONDS, fn () => $this->child === null ? null : $this->tellApps($this->child)),
            new Chore(self::STATE_POLL_SECONDS, $publisher->tick(...)),
            new Chore(self::REPORT_POLL_SECONDS, $this->events->tick(...)),
            new Chore(self::REPORT_POLL_SECONDS, $this->foreign->tick(...)),
            new Chore(self::DESCRIPTORS_POLL_SECONDS, fn () => $this->watchDescriptors($display)),
            ...$this->chores,
        ], $this->clock);

        if ($succession !== null) {
            $this->address = $succession->handOver->address;
            $this->departure = new Departure($succession->predecessor, $this->clock, $succession->handOver->drainSeconds + self::GRACE_SECONDS);
        }

        $child = $this->launch($succession->command ?? $command);
        $this->guard->run($this->preload);

        do {
            $code = $this->oversee($child, $drainSeconds, $schedule, $display);
            $child = $this->takeBack($code, $succession, $display) ?? ($this->mayStartAgain($code, $command, $display) ? $this->launch($command) : null);
        } while ($child !== null);

        $this->awaitDeparture();
        $code = $this->verdict($code);
        $this->isStopped = true;
        $this->guard->run(fn () => $publisher->stopped($code));

        return $code;
    }

    /**
     * A signal for this process. The first one drains, the second one ends the server at once. It is called in the midst
     * of anything, so it only notes and passes on.
     */
    public function signal(): void
    {
        $this->isAsked = true;

        if (++$this->signals > 1) {
            $this->child?->kill();
            $this->departure?->server->kill();
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
        $this->isAsked = true;
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
        $this->departure?->begin();
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

        $this->guard->run(fn () => $this->publisher->cacheRead($this->publisher->faultAtStart ?? $this->restart->fault()));
    }

    private function obeyRestart(float $drainSeconds, Display $display): void
    {
        if ($this->isDraining) {
            return;
        }

        $isRaised = $this->restart->isRaised();
        $this->publisher->cacheRead($this->restart->fault());

        if (! $isRaised) {
            return;
        }

        if (! $this->reexecution->isPossible()) {
            $this->publisher->restartBegan((string) $this->restart->flag(), isHandOver: false);
            $this->stopForManager($display);
        } elseif ($this->readyAt !== null && $this->departure === null) {
            $this->handOver($drainSeconds, $display);
        }
        // Else in a while: one server comes or goes already.
    }

    /** Where this process cannot become a new one, its process manager starts a new one. */
    private function stopForManager(Display $display): void
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
            $fault = $this->reexecution->fault();

            // That may have taken a while.
            if ($this->isStopRequested()) {
                return;
            }

            $this->peer ??= $fault === null ? HandOver::newPeer(sys_get_temp_dir()) : null;
        } catch (Throwable $exception) {
            $fault = $exception->getMessage();
        }

        if ($fault === null && $this->peer !== null) {
            $server = $this->handOverServer($this->peer, $display);

            if ($server === null) {
                $display->warn($delay = 'The running server does not listen now; the restart is tried again in a moment.', 'restart-delayed');
                $this->publisher->restartPostponed($delay);

                return;
            }

            $this->reexecution->run(new HandOver($server, $this->address, $this->peer, $drainSeconds, $this->publisher->record()->toArray()), $this->isStopRequested(...));

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
    private function handOverServer(string $peer, Display $display): ?int
    {
        if ($this->child === null) {
            return null;
        }

        // What this run of the process has not announced or reported is lost with it.
        $this->events->end(self::LAST_TURN_SECONDS, $this->child);
        $this->foreign->end();
        $display->finish();

        return $this->child->handOver($peer);
    }

    /** The server that was to be replaced serves on, when the one that was to replace it never came to listen. */
    private function takeBack(int $code, ?Succession $succession, Display $display): ?Child
    {
        if ($succession === null || $this->departure === null || $this->departure->hasBegun() || $this->isDraining) {
            return null;
        }

        $server = $this->departure->server;
        $this->departure = null;
        $this->peer = $succession->handOver->peer;
        $this->readyAt = $this->clock->now();
        $this->hasServed = true;
        $this->guard->run(fn () => $display->error("The new server could not start (exit code {$code}), and the running one goes on.", 'restart-failed'));
        $this->guard->run(fn () => $this->publisher->takenBack($code));
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

    private function awaitDeparture(): void
    {
        $this->departure?->begin();

        while ($this->departure?->isOver(self::END_POLL_SECONDS) === false) {
        }
    }

    private function launch(Command $command): Child
    {
        $this->readyAt = null;
        $this->peer = null;
        $this->hasSaidWhy = false;
        $child = $this->launcher->launch($command);
        $this->readyBy = $this->clock->now() + self::START_SECONDS;
        $this->apps->begin($command->document);
        $this->guard->run($this->publisher->starting(...));
        // It may be a while since that document was written.
        $this->guard->run(fn () => $this->tellApps($child));

        return $child;
    }

    private function tellApps(Child $child): void
    {
        $news = $this->apps->news();

        if ($news !== null) {
            $child->write($news);
            $this->publisher->appsChanged($news);
        }
    }

    /** @return int the child's exit code */
    private function oversee(Child $child, float $drainSeconds, Schedule $schedule, Display $display): int
    {
        $this->child = $child;

        if ($this->isDraining) {
            $child->drain();
        }

        while (($code = $child->exitCode()) === null) {
            foreach ($child->wait($this->patience($schedule, $display)) as $line) {
                $this->guard->run(fn () => $this->hear($line, $child, $display));
            }

            $this->guard->run(fn () => $this->events->announce(self::TURN_SECONDS, $child));
            $schedule->runDue($this->guard);
            $this->watchStart($child, $display);
            $this->watchDeparture();
            $this->watchDrain($child, $drainSeconds, $display);
        }

        $this->child = null;
        $this->guard->run(fn () => $this->events->end(self::LAST_TURN_SECONDS, $child));
        $this->guard->run($this->foreign->end(...));

        return $code;
    }

    private function patience(Schedule $schedule, Display $display): float
    {
        $untilWritten = $display->flush() ? PHP_INT_MAX : self::WRITE_POLL_SECONDS;

        if (! $this->events->isEmpty()) {
            return 0.0;
        }

        $untilReady = max(0.0, $this->startDeadline() - $this->clock->now());
        $untilKill = $this->killAt === null ? PHP_INT_MAX : max(0.0, $this->killAt - $this->clock->now());
        $untilGone = $this->departure?->hasBegun() === true ? self::DEPARTURE_POLL_SECONDS : PHP_INT_MAX;

        return min($schedule->secondsToNext(), $untilReady, $untilKill, $untilGone, $untilWritten);
    }

    /** None for a server that listens, or is to stop. */
    private function startDeadline(): float
    {
        return $this->readyAt === null && ! $this->isDraining ? $this->readyBy : INF;
    }

    /** A server that neither listens nor ends would be waited for for ever, and every later restart with it. */
    private function watchStart(Child $child, Display $display): void
    {
        if ($this->clock->now() < $this->startDeadline()) {
            return;
        }

        $child->kill();
        $this->readyBy = INF;
        $this->guard->run(fn () => $display->warn(sprintf('The server did not listen within %d seconds and was ended.', self::START_SECONDS), 'start-timeout'));
    }

    private function watchDeparture(): void
    {
        if ($this->departure?->hasBegun() === true && $this->departure->isOver()) {
            $this->departure = null;
            $this->guard->run($this->publisher->departed(...));
        }
    }

    private function watchDrain(Child $child, float $drainSeconds, Display $display): void
    {
        if (! $this->isDraining) {
            return;
        }

        if ($this->killAt === null) {
            $this->killAt = $this->clock->now() + $drainSeconds + self::GRACE_SECONDS;
            $this->notify->stopping();
            $this->guard->run($this->publisher->draining(...));

            if ($this->isAsked) {
                $this->guard->run(fn () => $display->info('Gracefully terminating connections.', 'server-terminating'));
            }
        } elseif ($this->clock->now() >= $this->killAt) {
            $child->kill();
            $this->killAt = INF;
            $this->guard->run(fn () => $display->warn('The server did not stop in time and was ended.', 'stop-timeout'));
        }
    }

    private function hear(Line $line, Child $child, Display $display): void
    {
        if ($line->isError) {
            $display->passOn($line);

            return;
        }

        $said = json_decode($line->text, true);

        match (is_array($said) ? $said['type'] ?? null : null) {
            'ready' => $this->becomeReady((array) $said, $display),
            'log' => $this->showLog((array) $said, $display),
            'events' => $this->events->add((array) $said, strlen($line->text), $child),
            'status' => $this->publisher->status((array) $said),
            'moved' => $this->publisher->moved((array) $said),
            default => $this->foreign->add($line),
        };
    }

    /** @param  array<array-key, mixed>  $entry */
    private function showLog(array $entry, Display $display): void
    {
        $this->publisher->logged($entry);
        $this->hasSaidWhy = $this->hasSaidWhy || ($entry['level'] ?? null) === 'error';
        $display->log($entry);
    }

    /** @param  array<array-key, mixed>  $said */
    private function becomeReady(array $said, Display $display): void
    {
        $host = is_string($said['host'] ?? null) ? $said['host'] : '';
        $port = is_int($said['port'] ?? null) ? $said['port'] : 0;

        $this->readyAt = $this->clock->now();
        $this->hasServed = true;
        $this->address = "{$host}:{$port}";
        $this->departure?->begin();
        $this->notify->ready();
        $display->ready($host, $port, ($said['secure'] ?? false) === true);
        $this->publisher->ready($this->address, $said);
    }

    private function mayStartAgain(int $code, Command $command, Display $display): bool
    {
        if ($this->isDraining) {
            return false;
        }

        [$reason, $name] = match (true) {
            $code === ExitCode::WRONG_CONFIG => ['The configuration is not valid; correct config/reverb.php or the environment, and start the server again.', 'config-invalid'],
            $this->readyAt === null && $code === ExitCode::CANNOT_LISTEN => [$this->hasSaidWhy ? null : 'The server could not listen.', 'cannot-listen'],
            $code === ExitCode::CANNOT_LISTEN => ["The server can no longer listen (exit code {$code}).", 'cannot-listen'],
            $this->readyAt === null && ! $this->hasServed => $this->failedStart($code, $command),
            default => [null, null],
        };

        if ($reason !== null) {
            $this->guard->run(fn () => $display->error($reason, $name));
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
        $this->guard->run(fn () => $display->error("{$fault->sentence}; it is started again {$when}.", $fault->code));
        $this->guard->run(fn () => $this->publisher->crashed($fault->exitCode));

        $until = $this->clock->now() + $seconds;
        $this->isPausing = true;

        while (! $this->isStopRequested() && ($left = $until - $this->clock->now()) > 0) {
            $this->clock->sleep(min($left, self::LONGEST_NAP));
        }

        if ($fault->isOfInstallation() && ! $this->isStopRequested()) {
            $this->guard->run(fn () => $this->renew($display));
        }

        if ($this->isStopRequested()) {
            return false;
        }

        $this->isPausing = false;

        return true;
    }

    /**
     * The files with which this run has started are gone or not whole. Where the application boots again, in its directory or in the
     * release to which the name of that leads now, a new run of this process has files that fit together. Else it goes on as it is.
     */
    private function renew(Display $display): void
    {
        if ($this->departure === null && $this->reexecution->isPossible() && $this->reexecution->fault() === null && ! $this->isStopRequested()) {
            $display->info('The application is whole again: reverb:start begins anew with its current files', 'supervisor-renewed');
            $display->finish();
            $this->reexecution->run(null, $this->isStopRequested(...));
        }
    }

    /** A signal changes this behind the back of whoever looks. */
    private function isStopRequested(): bool
    {
        return $this->isDraining;
    }

    private function verdict(int $code): int
    {
        return match (true) {
            // Stopped while it paused after a crash: the crash has been told, and the stop is what was asked for.
            $this->isDraining && $this->isPausing => ExitCode::OK,
            // Ended by the very signal that asks for a drain, ours or the terminal's, before it listened to signals.
            $this->isDraining && in_array($code - ExitCode::SIGNAL_BASE, [ExitCode::SIGTERM, ExitCode::SIGINT, ExitCode::SIGQUIT, ExitCode::SIGHUP], strict: true) => ExitCode::OK,
            ! $this->isDraining && $this->readyAt === null && $code === ExitCode::OK => ExitCode::FAILURE,
            default => ExitCode::ofCommand($code),
        };
    }
}
