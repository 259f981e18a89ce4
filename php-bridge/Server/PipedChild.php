<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * A server process that has pipes to this process. The server that a previous run of this process has handed over has none.
 */
interface PipedChild extends Child
{
    /** Queues one line for its stdin and never blocks. False: the line was dropped, because the process does not read its stdin. */
    public function write(string $line): bool;

    /**
     * Lets the server survive its pipes to this process, which is about to replace itself. From then on the server exits when this process
     * exits.
     *
     * @param  string  $socket  the Unix socket on which the server waits for its successor
     * @return int|null the process id; null if the command could not be sent
     */
    public function handOver(string $socket): ?int;
}
