<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Closure;

/**
 * Replaces this process by a new run of itself, with the current code and configuration. It keeps its process id and its child processes.
 */
interface SelfExec
{
    public function isPossible(): bool;

    /**
     * Why a new run could not start, or null if it could, or if the question was called off.
     *
     * @param  Closure(): bool  $isCalledOff
     */
    public function fault(Closure $isCalledOff): ?string;

    /**
     * Returns only if it fails or is called off. Signals that arrive meanwhile are delivered to the new run.
     *
     * @param  HandoffState|null  $handoff  null if no server continues to run
     * @param  Closure(): bool  $isCalledOff
     */
    public function run(?HandoffState $handoff, Closure $isCalledOff): void;
}
