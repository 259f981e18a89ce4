<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Laravel\Reverb\Application;
use Laravel\Reverb\Contracts\Connection;
use Revurb\Events\SocketCommands;

/**
 * Reverb's view of a socket that the Bun server holds.
 */
final class RemoteConnection extends Connection
{
    private readonly RemoteSocket $socket;

    public function __construct(Application $app, string $socketId, SocketCommands $commands)
    {
        $this->socket = new RemoteSocket($app->id(), $socketId, $commands);

        parent::__construct($this->socket, $app, null);
    }

    public function identifier(): string
    {
        return $this->socket->id();
    }

    public function id(): string
    {
        return $this->socket->id();
    }

    public function send(string $message): void
    {
        $this->socket->send($message);
    }

    /** Pings are the server's own business. */
    public function control(string $type = ''): void {}

    public function terminate(): void
    {
        $this->socket->close();
    }
}
