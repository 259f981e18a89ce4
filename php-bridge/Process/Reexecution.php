<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * How this process becomes a new run of itself, with the code and the configuration of now. It keeps its process id, and
 * its children.
 */
interface Reexecution
{
    public function isPossible(): bool;

    /** Why a new run would come to nothing; null: it would start. */
    public function fault(): ?string;

    /** Returns only where it has failed. */
    public function run(HandOver $handOver): void;
}
