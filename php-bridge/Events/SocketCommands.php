<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * What a listener can do with a connection. There is no result: the connection may be closed by now.
 */
interface SocketCommands
{
    public function send(string $app, string $socket, string $message): void;

    public function disconnect(string $app, string $socket): void;
}
