<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * A server process.
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

    /** Queues one line for its stdin and never blocks. False: the line was dropped, because the process does not read its stdin. */
    public function write(string $line): bool;

    /** Starts the drain of the server. Safe to call from a signal handler. */
    public function drain(): void;

    /**
     * Lets the server survive the pipes to this process, which is about to replace itself. From then on the server exits when this process
     * exits.
     *
     * @param  string  $socket  the Unix socket on which the server waits for its successor
     * @return int|null the process id; null if the command could not be sent
     */
    public function handOver(string $socket): ?int;

    /** Kills the process. Safe to call from a signal handler. */
    public function kill(): void;
}
