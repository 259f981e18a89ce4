<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Process\HandOver;
use Revurb\Process\Reexecution;

/**
 * A process that stays what it is, and knows what it would have become.
 */
final class FakeReexecution implements Reexecution
{
    /** @var list<int> the servers that it was run with */
    public array $runs = [];

    public function __construct(
        private readonly bool $isPossible = false,
        public ?string $fault = null,
    ) {}

    public function isPossible(): bool
    {
        return $this->isPossible;
    }

    public function fault(): ?string
    {
        return $this->fault;
    }

    public function run(HandOver $handOver): void
    {
        $this->runs[] = $handOver->server;
        rmdir(dirname($handOver->peer));
    }
}
