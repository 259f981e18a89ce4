<?php

declare(strict_types=1);

namespace Revurb\Tests\Broadcasting;

use ArrayObject;
use GuzzleHttp\Psr7\Request;
use Illuminate\Broadcasting\BroadcastEvent;
use Illuminate\Config\Repository;
use Illuminate\Container\Container;
use Illuminate\Queue\Events\JobAttempted;
use Illuminate\Queue\Events\JobExceptionOccurred;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobProcessing;
use Illuminate\Queue\Jobs\SyncJob;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\ReverbConfig;
use Revurb\Broadcasting\FailedAttempts;
use Revurb\Broadcasting\RunningJobs;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeJob;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;

/**
 * Each version of Laravel reports the end of a job by one of these events, or by two.
 */
final class RunningJobsTest extends TestCase
{
    private RunningJobs $jobs;

    protected function setUp(): void
    {
        $failedAttempts = new FailedAttempts(new FakeCache, new ReverbConfig(new Repository), new FakeReports);
        $this->jobs = new RunningJobs(fn () => $failedAttempts);
    }

    private function handleOutput(object $event): void
    {
        $this->jobs->subscribe()[$event::class]($event);
    }

    private function begun(int $attempts = 1): FakeJob
    {
        $job = new FakeJob('a-job', fn () => null, $attempts);
        $this->handleOutput(new JobProcessing('database', $job));

        return $job;
    }

    private function end(string $event, FakeJob $job): void
    {
        $this->handleOutput(match ($event) {
            JobExceptionOccurred::class => new JobExceptionOccurred('database', $job, new RuntimeException),
            JobAttempted::class => new JobAttempted('database', $job),
            default => new JobProcessed('database', $job),
        });
    }

    #[TestWith([JobProcessed::class])]
    #[TestWith([JobExceptionOccurred::class])]
    #[TestWith([JobAttempted::class])]
    public function test_every_end_event_ends_the_job(string $event): void
    {
        $job = $this->begun();
        $this->assertNotNull($this->jobs->attempt());

        $this->end($event, $job);

        $this->assertNull($this->jobs->attempt());
    }

    /** Laravel 13 has replaced the property with the exception. */
    public function test_the_last_event_of_a_job_shows_a_failure_in_every_version_of_laravel(): void
    {
        $publish = fn (): ?string => $this->jobs->attempt()?->keyFor(new Request('POST', '/apps/1/events'));
        $job = $this->begun();
        $key = $publish();
        $event = new class('database', $job) extends JobAttempted
        {
            public function successful(): bool
            {
                return false;
            }
        };
        unset($event->exceptionOccurred);

        $this->jobs->subscribe()[JobAttempted::class]($event);
        $this->begun(2);

        $this->assertSame($key, $publish());
    }

    public function test_a_second_end_event_does_not_end_the_enclosing_job(): void
    {
        $this->begun();
        $outer = $this->jobs->attempt();
        $job = $this->begun();
        $this->assertNotSame($outer, $this->jobs->attempt());

        $this->end(JobProcessed::class, $job);
        $this->end(JobAttempted::class, $job);

        $this->assertSame($outer, $this->jobs->attempt());
    }

    public function test_the_end_of_a_job_does_not_end_an_equal_one(): void
    {
        $job = $this->begun();
        $outer = $this->jobs->attempt();
        $twin = clone $job;
        $this->handleOutput(new JobProcessing('database', $twin));

        $this->end(JobProcessed::class, $twin);

        $this->assertSame($outer, $this->jobs->attempt());
    }

    public function test_what_has_begun_inside_of_a_job_ends_with_it(): void
    {
        $outer = $this->begun();
        $this->begun();

        $this->end(JobProcessed::class, $outer);

        $this->assertNull($this->jobs->attempt());
    }

    public function test_a_sync_job_belongs_to_the_job_that_runs_it(): void
    {
        $sync = new SyncJob(new Container, '{"uuid":"sync"}', 'sync', 'default');

        $this->handleOutput(new JobProcessing('sync', $sync));
        $this->assertNull($this->jobs->attempt());

        $this->begun();
        $outer = $this->jobs->attempt();
        $this->handleOutput(new JobProcessing('sync', $sync));
        $this->assertSame($outer, $this->jobs->attempt());
        $this->handleOutput(new JobExceptionOccurred('sync', $sync, new RuntimeException));
        $this->assertSame($outer, $this->jobs->attempt());
    }

    public function test_the_job_of_a_broadcast_event_gets_an_id_and_no_other_job_does(): void
    {
        $broadcast = ['data' => ['command' => new BroadcastEvent(new ArrayObject(['order' => 7]))]];

        $this->assertSame([], $this->jobs->additionsTo($broadcast));

        $this->begun();
        $this->assertSame([], $this->jobs->additionsTo(['data' => '']));
        $this->assertSame([], $this->jobs->additionsTo(['data' => ['command' => new ArrayObject]]));
        $this->assertMatchesRegularExpression('/^\w{64}$/', $this->jobs->additionsTo($broadcast)['revurbAttempt']);
        $this->assertNotSame($this->jobs->additionsTo($broadcast), $this->jobs->additionsTo($broadcast));
    }
}
