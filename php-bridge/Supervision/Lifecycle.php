<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use LogicException;
use Revurb\Output\Ready;
use Revurb\Output\Rescue;
use Revurb\Output\ServerOutput;
use Revurb\Output\StatePublisher;
use Revurb\Restart\DrainingServer;
use Revurb\Restart\GracefulRestart;
use Revurb\Restart\TakeOver;
use Revurb\Server\Command;
use Revurb\Server\Launcher;
use Revurb\Server\Line;
use Revurb\Server\ServerFault;
use Revurb\Server\ServerRun;
use Revurb\System\Clock;
use Revurb\System\StopRequest;

/**
 * One run of a supervisor, from the launch of its first server to the exit of its last one. It holds the state, which decides what follows.
 */
final class Lifecycle
{
    /** Seconds within which a server has to listen; everything that it waits for by itself takes less. */
    public const START_SECONDS = 60;

    /** Seconds between two checks of a draining server while its successor serves. */
    private const DRAIN_POLL_SECONDS = 0.5;

    /** Seconds between two checks of a draining server with which this process exits. */
    private const END_POLL_SECONDS = 0.01;

    /** Seconds of the longest sleep during a backoff: a signal that arrives just before a sleep is noticed this much later. */
    private const MAX_SLEEP_SECONDS = 1.0;

    private State $state;

    private ServerRun $server;

    /** The server of the previous run, until it has exited. */
    private ?DrainingServer $predecessor = null;

    /** @param  float  $drainSeconds  after which the server itself closes what is left */
    public function __construct(
        private readonly Launcher $launcher,
        private readonly Clock $clock,
        private readonly Rescue $rescue,
        private readonly StopRequest $stop,
        private readonly ServerOutput $output,
        private readonly StatePublisher $publisher,
        private readonly Announcements $announcements,
        private readonly ExitReport $report,
        private readonly GracefulRestart $restart,
        private readonly AppsWatch $apps,
        private readonly Command $command,
        private readonly float $drainSeconds,
        private readonly ?TakeOver $takeOver,
    ) {
        $this->state = $takeOver === null ? State::Starting : State::TakingOver;
    }

    /** Launches the first server. */
    public function begin(): void
    {
        if ($this->takeOver !== null) {
            $this->predecessor = new DrainingServer($this->takeOver->oldServer, $this->clock, $this->takeOver->handoff->drainSeconds);
        }

        $this->server = $this->launch($this->takeOver->command ?? $this->command, $this->takeOver->handoff->address ?? '');
    }

    /** @return int the exit code for the process manager */
    public function run(TaskScheduler $scheduler): int
    {
        do {
            $code = $this->monitor($this->server, $scheduler);
            $next = $this->next($this->server, $code);
            $this->server = $next ?? $this->server;
        } while ($next !== null);

        $this->awaitPredecessor();
        $code = RestartPolicy::exitCode($this->state, $code);
        $this->enter(State::Stopped);
        $this->rescue->run(fn () => $this->publisher->stopped($code));

        return $code;
    }

    public function checkRestartFlag(): void
    {
        $this->restart->check($this->server, $this->state === State::Serving && $this->predecessor === null);
    }

    public function sendAppChanges(): void
    {
        $this->apps->send($this->server, $this->publisher);
    }

    /** @return int the exit code of the server */
    private function monitor(ServerRun $server, TaskScheduler $scheduler): int
    {
        while (true) {
            $this->obeyStop($server);

            if (($code = $server->child->exitCode()) !== null) {
                break;
            }

            foreach ($server->child->wait($this->selectTimeout($server, $scheduler)) as $line) {
                $this->rescue->run(fn () => $this->take($line, $server));
            }

            $this->rescue->run(fn () => $this->output->dispatchEvents($server));
            $scheduler->runDue($this->rescue);
            $this->endPredecessor();
            $this->enforceDeadline($server);
        }

        $this->rescue->run(fn () => $this->output->end($server));

        return $code;
    }

    /** Acts on the signals that were recorded since the last time. */
    private function obeyStop(ServerRun $server): void
    {
        if (! $this->stop->isMade()) {
            return;
        }

        if ($this->state !== State::Draining) {
            $this->enter(State::Draining);
            $server->killAt = $this->clock->now() + $this->drainSeconds + DrainingServer::GRACE_SECONDS;
            $server->child->drain();
            $this->predecessor?->begin();
            $this->announcements->draining($this->stop->isBySignal());
        }

        if ($this->stop->isImmediate() && $server->killAt !== INF) {
            $server->killAt = INF;
            $server->child->kill();
            $this->predecessor?->server->kill();
        }
    }

    private function selectTimeout(ServerRun $server, TaskScheduler $scheduler): float
    {
        $untilOutput = $this->output->flush();
        $untilKill = max(0.0, $server->killAt - $this->clock->now());
        $untilDrainPolled = $this->predecessor?->hasBegun() === true ? self::DRAIN_POLL_SECONDS : INF;

        return min($scheduler->secondsToNext(), $untilOutput, $untilKill, $untilDrainPolled);
    }

    private function take(Line $line, ServerRun $server): void
    {
        if (($ready = $this->output->handle($line, $server)) !== null) {
            $this->becomeReady($ready, $server);
        }
    }

    private function becomeReady(Ready $ready, ServerRun $server): void
    {
        $server->readyAt = $this->clock->now();
        $server->address = $ready->address();

        if ($this->state->awaitsReady()) {
            $this->enter(State::Serving);
            $server->killAt = INF;
        }

        $this->predecessor?->begin();
        $this->announcements->ready();
        $this->output->ready($ready);
    }

    private function endPredecessor(): void
    {
        if ($this->predecessor?->hasBegun() === true && $this->predecessor->isOver()) {
            $this->predecessor = null;
            $this->rescue->run($this->publisher->oldServerExited(...));
        }
    }

    /** A server that neither listens nor exits would block every later restart, and one that does not drain every stop. */
    private function enforceDeadline(ServerRun $server): void
    {
        if ($this->clock->now() >= $server->killAt) {
            $server->child->kill();
            $server->killAt = INF;
            $this->announcements->killed($this->state);
        }
    }

    /** @return ServerRun|null the next server, after one that has exited with that code */
    private function next(ServerRun $server, int $code): ?ServerRun
    {
        if ($this->stop->isMade() && $this->state !== State::Draining) {
            $this->enter(State::Draining);
        }

        $now = $this->clock->now();
        $crashes = $server->crashesBefore($now, RestartPolicy::HEALTHY_SECONDS);
        $decision = RestartPolicy::decide($this->state, $code, $crashes);

        if ($decision->action === Action::GiveUp) {
            $this->report->gaveUp($decision->reason, $code, $server->hasLoggedError);
        }

        return match ($decision->action) {
            Action::End, Action::GiveUp => null,
            Action::RollBack => $this->rollBack($code),
            Action::Restart => $this->backOff($this->report->faultOf($decision->reason, $code), $decision->seconds)
                ? $this->launch($this->command, $server->address, $crashes + 1)
                : null,
        };
    }

    /** Continues with the previous server if its successor has exited before it listened. */
    private function rollBack(int $code): ?ServerRun
    {
        if ($this->takeOver === null) {
            return null;
        }

        $this->predecessor = null;
        $this->enter(State::Serving);
        $this->report->rolledBack($code);
        $this->announcements->ready();
        $handoff = $this->takeOver->handoff;

        return ServerRun::handedOver($this->takeOver->oldServer, $handoff->address, $handoff->socket, $handoff->server, $this->clock->now());
    }

    /** @return bool false if a stop was requested meanwhile */
    private function backOff(ServerFault $fault, int $seconds): bool
    {
        $this->enter(State::BackingOff);
        $this->report->crashed($fault, $seconds);
        $until = $this->clock->now() + $seconds;

        while (! $this->stop->isMade() && ($left = $until - $this->clock->now()) > 0) {
            $this->clock->sleep(min($left, self::MAX_SLEEP_SECONDS));
        }

        if ($fault->isOfInstallation() && $this->predecessor === null && ! $this->stop->isMade()) {
            $this->rescue->run($this->restart->renew(...));
        }

        if ($this->stop->isMade()) {
            return false;
        }

        $this->enter(State::Restarting);

        return true;
    }

    private function launch(Command $command, string $address, int $crashes = 0): ServerRun
    {
        $child = $this->launcher->launch($command);
        $server = new ServerRun($child, $address, $this->clock->now() + self::START_SECONDS, $crashes);
        $this->apps->serverStarted($command->document);
        $this->rescue->run($this->publisher->starting(...));
        // The apps may have changed since that document was built.
        $this->rescue->run(fn () => $this->apps->send($server, $this->publisher));

        return $server;
    }

    private function awaitPredecessor(): void
    {
        $this->predecessor?->begin();

        while ($this->predecessor?->isOver(self::END_POLL_SECONDS) === false) {
            if ($this->stop->isImmediate()) {
                $this->predecessor->server->kill();
            }
        }
    }

    private function enter(State $state): void
    {
        if (! $this->state->mayBecome($state)) {
            throw new LogicException("A supervisor that is {$this->state->name} cannot become {$state->name}.");
        }

        $this->state = $state;
    }
}
