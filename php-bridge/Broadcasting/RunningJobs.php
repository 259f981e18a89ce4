<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Closure;
use Illuminate\Contracts\Queue\Job;
use Illuminate\Queue\Events\JobAttempted;
use Illuminate\Queue\Events\JobExceptionOccurred;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobProcessing;
use Illuminate\Queue\Jobs\SyncJob;

/**
 * Which queued job this process is working on. There can be several at once: the sync queue runs a job inside of the one
 * that has dispatched it.
 */
final class RunningJobs
{
    /** @var list<array{Job, Attempt}> the outermost first */
    private array $running = [];

    /** @return array<class-string, Closure> */
    public function subscribe(): array
    {
        $end = fn (JobProcessed|JobExceptionOccurred|JobAttempted $event) => $this->end($event->job);

        return [
            JobProcessing::class => fn (JobProcessing $event) => $this->begin($event->job),
            JobProcessed::class => $end,
            JobExceptionOccurred::class => $end,
            // It comes even where handling an exception has failed, but only in newer versions of Laravel.
            JobAttempted::class => $end,
        ];
    }

    public function attempt(): ?Attempt
    {
        return end($this->running)[1] ?? null;
    }

    /** A sync job inside of another is new with every run of that one, and so belongs to its attempt. */
    private function begin(Job $job): void
    {
        $around = $job instanceof SyncJob ? $this->attempt() : null;

        $this->running[] = [$job, $around ?? new Attempt($job)];
    }

    /** What has begun inside of it is over too, whether anybody said so or not. */
    private function end(Job $job): void
    {
        $depth = array_search($job, array_column($this->running, 0), strict: true);

        if (is_int($depth)) {
            array_splice($this->running, $depth);
        }
    }
}
