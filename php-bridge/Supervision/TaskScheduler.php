<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Rescue;
use Revurb\System\Clock;

/**
 * Runs periodic tasks when they are due. A task that has missed several of its times runs once.
 */
final class TaskScheduler
{
    /** @var array<int, float> */
    private array $dueAt = [];

    /** @param  list<PeriodicTask>  $tasks */
    public function __construct(
        private readonly array $tasks,
        private readonly Clock $clock,
    ) {
        foreach ($tasks as $i => $task) {
            $this->dueAt[$i] = $clock->now() + $task->everySeconds;
        }
    }

    public function secondsToNext(): float
    {
        return max(0.0, min([PHP_INT_MAX, ...$this->dueAt]) - $this->clock->now());
    }

    public function runDue(Rescue $rescue): void
    {
        foreach ($this->tasks as $i => $task) {
            if ($this->clock->now() >= $this->dueAt[$i]) {
                $rescue->run($task->do);
                $this->dueAt[$i] = $this->clock->now() + $task->everySeconds;
            }
        }
    }
}
