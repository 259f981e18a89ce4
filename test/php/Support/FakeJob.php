<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Illuminate\Container\Container;
use Illuminate\Contracts\Queue\Job as JobContract;
use Illuminate\Queue\Jobs\Job;

/**
 * One attempt of a queued job, for a real worker to run.
 */
final class FakeJob extends Job implements JobContract
{
    /**
     * @param  Closure(self): void  $work
     * @param  array<string, mixed>  $payload  beside the uuid
     */
    public function __construct(
        private readonly ?string $uuid,
        private readonly Closure $work,
        private readonly int $attempts = 1,
        private readonly array $payload = [],
    ) {
        $this->container = Container::getInstance();
        $this->connectionName = 'database';
        $this->queue = 'default';
    }

    public function fire(): void
    {
        ($this->work)($this);
    }

    public function attempts(): int
    {
        return $this->attempts;
    }

    public function getJobId(): string
    {
        return '1';
    }

    public function getRawBody(): string
    {
        return json_encode(['uuid' => $this->uuid] + $this->payload, JSON_THROW_ON_ERROR);
    }

    protected function failed($e): void {}
}
