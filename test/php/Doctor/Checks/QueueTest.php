<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Illuminate\Contracts\Queue\Factory;
use Revurb\Doctor\Code;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;

final class QueueTest extends LocalServerTestCase
{
    public function test_an_unused_queue_and_an_unchecked_driver_are_ok(): void
    {
        $this->configure(['queue.default' => 'sync', 'queue.connections.sync' => ['driver' => 'sync']]);
        $this->assertStringContainsString('at once', $this->found('queue')->subject);

        $this->configure(['queue.default' => 'sqs', 'queue.connections.sqs' => ['driver' => 'sqs']]);
        $this->assertSame(Status::Ok, $this->found('queue')->status);
    }

    public function test_a_queue_without_its_table_is_a_warning(): void
    {
        $this->database();
        $this->configure(['queue.default' => 'database', 'queue.connections.database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default', 'retry_after' => 90]]);

        $this->assertFound(Status::Warning, Code::QueueUnusable, 'cannot be queued', 'php artisan make:queue-table && php artisan migrate', $this->found('queue'));
    }

    public function test_jobs_that_wait_are_a_hint(): void
    {
        $queue = $this->createMock(\Illuminate\Contracts\Queue\Queue::class);
        $queue->method('size')->willReturn(3, 0);
        $queues = $this->createMock(Factory::class);
        $queues->method('connection')->willReturn($queue);
        $this->application()->instance(Factory::class, $queues);
        $this->configure(['queue.default' => 'database', 'queue.connections.database' => ['driver' => 'database']]);

        $this->assertFound(Status::Hint, Code::JobsWaiting, '3 job(s) wait', 'queue:work', $this->found('queue'));
        $this->assertSame(Status::Ok, $this->found('queue')->status);
    }
}
