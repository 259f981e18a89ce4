<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * A server process that is a child of this process.
 */
interface Child
{
    /**
     * Waits until there is output, the process exits or this process receives a signal, but no longer than that many seconds.
     *
     * @return list<Line>
     */
    public function wait(float $seconds): array;

    /** Null while the process runs or output is left that `wait()` has not returned. After signal n it is 128 + n. */
    public function exitCode(): ?int;

    /** Starts the drain of the server. */
    public function drain(): void;

    public function kill(): void;
}
