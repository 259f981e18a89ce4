<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;

/**
 * How this process becomes a new run of itself, with the current code and configuration. It keeps its process id, and
 * its children.
 */
interface SelfExec
{
    public function isPossible(): bool;

    /** Why a new run would come to nothing; null: it would start. */
    public function fault(): ?string;

    /**
     * Returns only where it has failed or was called off. From then on a signal waits for the new run.
     *
     * @param  HandoffState|null  $handoff  null: no server goes on
     * @param  Closure(): bool  $isCalledOff
     */
    public function run(?HandoffState $handoff, Closure $isCalledOff): void;
}
