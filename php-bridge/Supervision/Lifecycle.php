<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Closure;
use LogicException;
use Revurb\Output\Ready;
use Revurb\Output\Rescue;
use Revurb\Output\ServerOutput;
use Revurb\Output\StatePublisher;
use Revurb\Restart\DrainingServer;
use Revurb\Restart\GracefulRestart;
use Revurb\Restart\TakeOver;
use Revurb\Server\Command;
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
    private State $state;

    private ServerRun $server;

    /** The server of the previous run, until it has exited. */
    private ?DrainingServer $predecessor;

    /** @param  float  $drainSeconds  after which the server itself closes what is left */
    public function __construct(
        private readonly Starter $starter,
        private readonly Clock $clock,
        private readonly Rescue $rescue,
        private readonly StopRequest $stop,
        private readonly ServerOutput $output,
        private readonly StatePublisher $publisher,
        private readonly Announcements $announcements,
        private readonly ExitReport $report,
        private readonly GracefulRestart $restart,
        private readonly Pause $pause,
        private readonly Command $command,
        private readonly float $drainSeconds,
        private readonly ?TakeOver $takeOver,
    ) {
        $this->state = $takeOver === null ? State::Starting : State::TakingOver;
        $this->predecessor = $takeOver?->predecessor($clock);
    }

    /**
     * @param  Closure(): void  $preload  runs while the first server starts, which takes longer
     * @return int the exit code for the process manager
     */
    public function run(TaskScheduler $scheduler, Closure $preload): int
    {
        $this->server = $this->starter->start($this->takeOver->command ?? $this->command, $this->takeOver->handoff->address ?? '');
        $this->rescue->run($preload);

        do {
            $code = $this->monitor($this->server, $scheduler);
            $next = $this->next($this->server, $code);
            $this->server = $next ?? $this->server;
        } while ($next !== null);

        $this->predecessor?->await($this->stop);
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
        $this->starter->sendAppChanges($this->server);
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
        $seconds = min($scheduler->secondsToNext(), $untilOutput, $untilKill, $this->predecessor?->secondsToPoll() ?? INF);

        // A signal may have arrived since `obeyStop`, such as during the flush: it does not interrupt a wait that begins after it.
        return $this->stop->isMade() && $this->state !== State::Draining ? 0.0 : $seconds;
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
                ? $this->starter->start($this->command, $server->address, $crashes + 1)
                : null,
        };
    }

    /** Continues with the previous server if its successor has exited before it listened. */
    private function rollBack(int $code): ?ServerRun
    {
        $this->predecessor = null;
        $this->enter(State::Serving);
        $this->report->rolledBack($code);
        $this->announcements->ready();

        return $this->takeOver?->continued($this->clock->now());
    }

    /** @return bool false if a stop was requested meanwhile */
    private function backOff(ServerFault $fault, int $seconds): bool
    {
        $this->enter(State::BackingOff);
        $this->report->crashed($fault, $seconds);
        $this->pause->wait($seconds, isRenewing: $fault->isOfInstallation() && $this->predecessor === null);

        if ($this->stop->isMade()) {
            return false;
        }

        $this->enter(State::Restarting);

        return true;
    }

    private function enter(State $state): void
    {
        if (! $this->state->mayBecome($state)) {
            throw new LogicException("A supervisor that is {$this->state->name} cannot become {$state->name}.");
        }

        $this->state = $state;
    }
}
