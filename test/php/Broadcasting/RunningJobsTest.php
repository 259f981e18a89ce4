<?php

declare(strict_types=1);

namespace Revurb\Tests\Broadcasting;

use Illuminate\Queue\Events\JobAttempted;
use Illuminate\Queue\Events\JobExceptionOccurred;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobProcessing;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Broadcasting\RunningJobs;
use Revurb\Tests\Support\FakeJob;
use RuntimeException;

/**
 * Each version of Laravel tells of the end of a job with one of these, or with two.
 */
final class RunningJobsTest extends TestCase
{
    private RunningJobs $jobs;

    protected function setUp(): void
    {
        $this->jobs = new RunningJobs;
    }

    private function hear(object $event): void
    {
        $this->jobs->subscribe()[$event::class]($event);
    }

    private function begun(): FakeJob
    {
        $job = new FakeJob('a-job', fn () => null);
        $this->hear(new JobProcessing('database', $job));

        return $job;
    }

    private function end(string $event, FakeJob $job): void
    {
        $this->hear(match ($event) {
            JobExceptionOccurred::class => new JobExceptionOccurred('database', $job, new RuntimeException),
            JobAttempted::class => new JobAttempted('database', $job),
            default => new JobProcessed('database', $job),
        });
    }

    #[TestWith([JobProcessed::class])]
    #[TestWith([JobExceptionOccurred::class])]
    #[TestWith([JobAttempted::class])]
    public function test_any_end_of_a_job_is_its_end(string $event): void
    {
        $job = $this->begun();
        $this->assertNotNull($this->jobs->attempt());

        $this->end($event, $job);

        $this->assertNull($this->jobs->attempt());
    }

    public function test_a_second_end_of_a_job_is_not_that_of_the_one_around_it(): void
    {
        $this->begun();
        $outer = $this->jobs->attempt();
        $job = $this->begun();
        $this->assertNotSame($outer, $this->jobs->attempt());

        $this->end(JobProcessed::class, $job);
        $this->end(JobAttempted::class, $job);

        $this->assertSame($outer, $this->jobs->attempt());
    }

    public function test_what_has_begun_inside_of_a_job_ends_with_it(): void
    {
        $outer = $this->begun();
        $this->begun();

        $this->end(JobProcessed::class, $outer);

        $this->assertNull($this->jobs->attempt());
    }
}
