<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * When the chores are due. One that was missed is done once, not once for each time.
 */
final class Schedule
{
    /** @var array<int, float> */
    private array $dueAt = [];

    /** @param  list<Chore>  $chores */
    public function __construct(
        private readonly array $chores,
        private readonly Clock $clock,
    ) {
        foreach ($chores as $i => $chore) {
            $this->dueAt[$i] = $clock->now() + $chore->everySeconds;
        }
    }

    public function secondsToNext(): float
    {
        return max(0.0, min([PHP_INT_MAX, ...$this->dueAt]) - $this->clock->now());
    }

    public function runDue(Guard $guard): void
    {
        foreach ($this->chores as $i => $chore) {
            if ($this->clock->now() >= $this->dueAt[$i]) {
                $guard->run($chore->do);
                $this->dueAt[$i] = $this->clock->now() + $chore->everySeconds;
            }
        }
    }
}
