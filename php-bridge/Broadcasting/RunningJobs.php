<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Closure;
use Illuminate\Broadcasting\BroadcastEvent;
use Illuminate\Contracts\Queue\Job;
use Illuminate\Queue\Events\JobAttempted;
use Illuminate\Queue\Events\JobExceptionOccurred;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobProcessing;
use Illuminate\Queue\Events\JobRetryRequested;
use Illuminate\Queue\Jobs\SyncJob;

/**
 * The queued jobs that this process is working on. There can be several at once: a job may run a worker of its own.
 */
final class RunningJobs
{
    /** @var list<array{Job, Attempt}> the outermost first */
    private array $running = [];

    /** @param  Closure(): FailedAttempts  $failedAttempts */
    public function __construct(private readonly Closure $failedAttempts) {}

    /** @return array<class-string, Closure> */
    public function subscribe(): array
    {
        return [
            JobProcessing::class => fn (JobProcessing $event) => $this->begin($event->job),
            JobProcessed::class => fn (JobProcessed $event) => $this->end($event->job),
            JobExceptionOccurred::class => fn (JobExceptionOccurred $event) => $this->end($event->job, hasFailed: true),
            // Laravel dispatches JobAttempted even if its handling of an exception has failed, but older versions do not have it, and its
            // property for the exception is another one since Laravel 13.
            JobAttempted::class => fn (JobAttempted $event) => $this->end($event->job, ! $event->successful()),
            JobRetryRequested::class => fn (JobRetryRequested $event) => $this->restart($event->payload()['uuid'] ?? null),
        ];
    }

    public function attempt(): ?Attempt
    {
        return end($this->running)[1] ?? null;
    }

    /**
     * What the running attempt adds to the payload of a job that it queues. A broadcast event is queued on behalf of the attempt, so that
     * its job is recognised when a retry queues it again; any other job stands for itself.
     *
     * @param  array<string, mixed>  $payload
     * @return array<string, string>
     */
    public function additionsTo(array $payload): array
    {
        $command = $payload['data']['command'] ?? null;
        $id = $command instanceof BroadcastEvent ? $this->attempt()?->idFor($command->event) : null;

        return $id === null ? [] : [Attempt::IN_PAYLOAD => $id];
    }

    /** A sync job is never retried by itself: it belongs to the attempt that it runs in, if any. */
    private function begin(Job $job): void
    {
        if (! $job instanceof SyncJob && ($failedAttempts = ($this->failedAttempts)())->areRemembered()) {
            $this->running[] = [$job, new Attempt($job, $failedAttempts)];
        }
    }

    /** Jobs that were started within this one have ended too, with or without an event. */
    private function end(Job $job, bool $hasFailed = false): void
    {
        $depth = array_search($job, array_column($this->running, 0), strict: true);

        if (! is_int($depth)) {
            return;
        }

        [[, $attempt]] = array_splice($this->running, $depth);

        if ($hasFailed) {
            $attempt->fail();
        }
    }

    private function restart(mixed $uuid): void
    {
        if (is_string($uuid) && ($failedAttempts = ($this->failedAttempts)())->areRemembered()) {
            $failedAttempts->forget($uuid);
        }
    }
}
