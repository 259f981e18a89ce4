<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * Whether this process is to stop. Signal handlers only record here what has arrived: they may be called at any moment, between two lines of
 * anything. The supervisor acts on it before it waits for its server, and the wait ends early for a signal. A signal that arrives between
 * the two is acted on no later than a second afterwards, with the alarm of `Signals`.
 */
final class StopRequest
{
    private int $signals = 0;

    private bool $hasHungUp = false;

    private bool $isForRestart = false;

    /** Records a stop signal. The second one asks for an immediate end. */
    public function signal(): void
    {
        $this->signals++;
    }

    /**
     * Records SIGHUP of a closed terminal. The terminal and its shell send it more than once, so it never counts as the second signal.
     */
    public function hangUp(): void
    {
        $this->hasHungUp = true;
    }

    /** Requests the stop with which a process manager starts this process again. */
    public function restart(): void
    {
        $this->isForRestart = true;
    }

    public function isMade(): bool
    {
        return $this->isBySignal() || $this->isForRestart;
    }

    public function isBySignal(): bool
    {
        return $this->signals > 0 || $this->hasHungUp;
    }

    /** Whether to end at once, without a drain. */
    public function isImmediate(): bool
    {
        return $this->signals > 1;
    }
}
