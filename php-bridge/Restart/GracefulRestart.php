<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Output\Display;
use Revurb\Output\Rescue;
use Revurb\Output\ServerOutput;
use Revurb\Output\StatePublisher;
use Revurb\Server\ServerRun;
use Revurb\System\StopRequest;
use Throwable;

/**
 * The first half of a restart: the flag is seen, the new release checked, the server handed over and this process replaced. The second half
 * is that of the next run, which takes the server over. docs/restart.md describes both.
 */
final readonly class GracefulRestart
{
    /** @param  float  $drainSeconds  for which the server drains once its successor listens */
    public function __construct(
        private RestartFlagWatch $flag,
        private SelfExec $selfExec,
        private Display $display,
        private StatePublisher $publisher,
        private ServerOutput $output,
        private StopRequest $stop,
        private float $drainSeconds,
    ) {}

    /** Reads the flag with which later ones are compared: the one of which this run is the result, or the one that is set at the start. */
    public function readInitialFlag(Rescue $rescue): void
    {
        $flag = $this->publisher->flagOfThisRun();

        if ($flag !== null) {
            $this->flag->begin($flag);

            return;
        }

        // Reading a cache that does not respond takes up to a minute, and systemd stops a service that is not ready after 90 seconds.
        if ($this->publisher->faultAtStart === null) {
            $this->flag->isRaised();
        }

        $rescue->run(fn () => $this->publisher->cacheRead($this->publisher->faultAtStart ?? $this->flag->fault()));
    }

    /** @param  bool  $isReplaceable  whether the server serves, and alone */
    public function check(ServerRun $server, bool $isReplaceable): void
    {
        if ($this->stop->isMade()) {
            return;
        }

        $isRaised = $this->flag->isRaised();
        $this->publisher->cacheRead($this->flag->fault());

        if (! $isRaised) {
            return;
        }

        if (! $this->selfExec->isPossible()) {
            $this->stopForProcessManager($server);
        } elseif ($isReplaceable) {
            $this->replace($server);
        }
        // Otherwise the next poll tries again: a server starts or drains at the moment.
    }

    /**
     * The files with which this run was started are missing or incomplete. If the application boots again, in its directory or in the
     * release to which that name leads now, this process replaces itself, so that all files are of one version. Otherwise it continues as
     * it is. No server runs.
     */
    public function renew(): void
    {
        if ($this->selfExec->isPossible() && $this->selfExec->fault($this->stop->isMade(...)) === null && ! $this->stop->isMade()) {
            $this->display->info('The application is complete again: reverb:start restarts with its current files', 'supervisor-renewed');
            $this->display->finish();
            $this->selfExec->run(null, $this->stop->isMade(...));
        }
    }

    /** Stops the server if this process cannot replace itself; its process manager starts a new one. */
    private function stopForProcessManager(ServerRun $server): void
    {
        $this->publisher->restartBegan((string) $this->flag->flag(), isHandOver: false);
        $this->stop->restart();
        $this->display->info("Stopping server on {$server->address}", 'server-stopping');
    }

    /** Hands the server over and replaces this process. It returns only if that fails. */
    private function replace(ServerRun $server): void
    {
        $this->display->info("Restarting server on {$server->address}", 'restart-started');
        $this->publisher->restartBegan((string) $this->flag->flag(), isHandOver: true);

        try {
            $fault = $this->selfExec->fault($this->stop->isMade(...));

            // The check may have taken a minute, during which a stop may have been requested.
            if ($this->stop->isMade()) {
                return;
            }

            $socket = $fault === null ? $server->handoffSocket(static fn (): string => HandoffState::newSocket(sys_get_temp_dir())) : '';
        } catch (Throwable $exception) {
            $fault = $exception->getMessage();
            $socket = '';
        }

        if ($fault === null && ! $this->handOver($server, $socket)) {
            return;
        }

        $fault ??= 'this process cannot replace itself.';
        $this->flag->acknowledge();
        $this->display->error("The new server could not start, and the running one continues: {$fault}", 'restart-failed');
        $this->publisher->restartFailed($fault);
    }

    /** @return bool whether this process could not replace itself; false if that was postponed or a stop was requested */
    private function handOver(ServerRun $server, string $socket): bool
    {
        // What this run has not dispatched or reported is lost with it.
        $this->output->end($server);
        $this->display->finish();
        $pid = $server->handOver($socket);

        if ($pid === null) {
            $this->display->warn($delay = 'The running server does not listen now; the restart is tried again in a moment.', 'restart-delayed');
            $this->publisher->restartPostponed($delay);

            return false;
        }

        $this->selfExec->run(new HandoffState($pid, $server->address, $socket, $this->drainSeconds, $this->publisher->record()->toArray()), $this->stop->isMade(...));

        return ! $this->stop->isMade();
    }
}
