<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Revurb\Restart\HandoffState;
use Revurb\Restart\SelfExec;

/**
 * A process that stays what it is, and knows what it would have become.
 */
final class FakeSelfExec implements SelfExec
{
    /** @var list<int|null> the servers that it was run with; null: without one */
    public array $runs = [];

    public function __construct(
        private readonly bool $isPossible = false,
        public ?string $fault = null,
        private readonly ?Closure $during = null,
    ) {}

    public function isPossible(): bool
    {
        return $this->isPossible;
    }

    public function fault(Closure $isCalledOff): ?string
    {
        ($this->during)?->__invoke('check');

        return $this->fault;
    }

    public function run(?HandoffState $handoff, Closure $isCalledOff): void
    {
        ($this->during)?->__invoke('run');

        if (! $isCalledOff()) {
            $this->runs[] = $handoff?->server;
        }

        if ($handoff !== null) {
            rmdir(dirname($handoff->socket));
        }
    }
}
