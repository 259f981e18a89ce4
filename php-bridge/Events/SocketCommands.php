<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * What a listener can ask of the server that holds the socket. Nothing comes back: the socket may be gone by now.
 */
interface SocketCommands
{
    public function send(string $app, string $socket, string $message): void;

    public function disconnect(string $app, string $socket): void;
}
