<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * A running server process.
 */
interface Child
{
    /**
     * Waits for output, for the end, or for a signal to this process, but not longer than that many seconds.
     *
     * @return list<Line>
     */
    public function wait(float $seconds): array;

    /** Null while it runs, or while there is output that `wait()` has not returned. 128 + n after signal n. */
    public function exitCode(): ?int;

    /** Queues one line for its stdin and never blocks. False: the line was dropped, because the process does not read its stdin. */
    public function write(string $line): bool;

    /** Asks it to drain. Safe to call from within a signal. */
    public function drain(): void;

    /**
     * Has it outlive the pipes to this process, which is about to become another run of itself. From then on it goes when this
     * process goes.
     *
     * @param  string  $socket  the Unix socket on which it is to wait for the next server
     * @return int|null its process id; null: it could not be told
     */
    public function handOver(string $socket): ?int;

    /** Ends it at once. Safe to call from within a signal. */
    public function kill(): void;
}
