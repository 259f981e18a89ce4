<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Closure;
use Revurb\Events\EventBridge;
use Revurb\Output\Display;
use Revurb\Output\EventQueue;
use Revurb\Output\Rescue;
use Revurb\Output\ServerOutput;
use Revurb\Output\StatePublisher;
use Revurb\Output\UnexpectedOutput;
use Revurb\Restart\GracefulRestart;
use Revurb\Restart\RestartFlagWatch;
use Revurb\Restart\SelfExec;
use Revurb\Restart\TakeOver;
use Revurb\Server\Command;
use Revurb\Server\Launcher;
use Revurb\System\Clock;
use Revurb\System\Descriptors;
use Revurb\System\StopRequest;

/**
 * Keeps one server running: starts it, shows its log, starts it again after a crash, stops it once on a signal, and replaces it without a
 * closed port when the restart flag is raised. `Lifecycle` decides what follows what; this class puts it together, with what is to be done
 * every few seconds.
 */
final readonly class Supervisor
{
    /** Seconds between two readings of the restart flag and of the apps, and between two publications that are due. */
    private const POLL_SECONDS = 5.0;

    private const DESCRIPTORS_POLL_SECONDS = 60.0;

    private StopRequest $stop;

    /**
     * @param  list<PeriodicTask>  $tasks
     * @param  Closure(): void  $preload  runs while the first server starts, which takes longer
     */
    public function __construct(
        private Launcher $launcher,
        private Clock $clock,
        private EventBridge $eventBridge,
        private RestartFlagWatch $flag,
        private AppsWatch $apps,
        private Rescue $rescue,
        private SelfExec $selfExec,
        private NotifySocket $notify,
        private Descriptors $descriptors,
        private array $tasks,
        private Closure $preload,
    ) {
        $this->stop = new StopRequest;
    }

    /**
     * @param  TakeOver|null  $takeOver  the server of the previous run, if there is one
     * @return int the exit code for the process manager
     */
    public function run(Command $command, float $drainSeconds, Display $display, StatePublisher $publisher, ?TakeOver $takeOver = null): int
    {
        $this->rescue->showOn($display);
        $events = new EventQueue($this->eventBridge, $this->rescue, $this->clock, $display);
        $unexpected = new UnexpectedOutput($display, $this->clock);
        $output = new ServerOutput($display, $publisher, $events, $unexpected);
        $restart = new GracefulRestart($this->flag, $this->selfExec, $display, $publisher, $output, $this->stop, $drainSeconds);
        $lifecycle = new Lifecycle(
            new Starter($this->launcher, $this->clock, $this->apps, $publisher, $this->rescue),
            $this->clock,
            $this->rescue,
            $this->stop,
            $output,
            $publisher,
            new Announcements($this->notify, $display, $publisher, $this->rescue),
            new ExitReport($display, $publisher, $this->rescue, $command),
            $restart,
            new Pause($this->clock, $this->stop, $restart, $this->rescue),
            $command,
            $drainSeconds,
            $takeOver,
        );

        $restart->readInitialFlag($this->rescue);
        $scheduler = new TaskScheduler([
            new PeriodicTask(self::POLL_SECONDS, $lifecycle->checkRestartFlag(...)),
            new PeriodicTask(self::POLL_SECONDS, $lifecycle->sendAppChanges(...)),
            new PeriodicTask(self::POLL_SECONDS, $publisher->tick(...)),
            new PeriodicTask(self::POLL_SECONDS, $events->tick(...)),
            new PeriodicTask(self::POLL_SECONDS, $unexpected->tick(...)),
            new PeriodicTask(self::DESCRIPTORS_POLL_SECONDS, (new DescriptorsWatch($this->descriptors, $display))->check(...)),
            ...$this->tasks,
        ], $this->clock);

        return $lifecycle->run($scheduler, $this->preload);
    }

    /** Handles a stop signal: the first one drains the server, the second one kills it. */
    public function signal(): void
    {
        $this->stop->signal();
    }

    /** Handles SIGHUP of a closed terminal, which drains the server. */
    public function hangUp(): void
    {
        $this->stop->hangUp();
    }
}
