<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Laravel\Reverb\Application;
use Laravel\Reverb\Contracts\Connection;
use Revurb\Events\EventFields;
use Revurb\Events\SocketCommands;

/**
 * Reverb's object for a connection that the Bun server holds, as it was when the event happened. What a listener sets on it has no effect
 * on the server, and whether the client supports control frames is not known.
 */
final class RemoteConnection extends Connection
{
    private readonly RemoteSocket $socket;

    public function __construct(Application $app, EventFields $event, SocketCommands $commands)
    {
        $this->socket = new RemoteSocket($app->id(), $event->text('socket'), $commands);

        parent::__construct($this->socket, $app, $event->textOrNull('origin'));
        $this->setLastSeenAt($event->time('last_seen_at'));

        // `ping` only marks the connection, which makes a silent one stale: the server sends pings itself.
        if ($event->isTrue('pinged')) {
            $this->ping();
        }
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

    /** Does nothing, since the server sends control frames itself. */
    public function control(string $type = ''): void {}

    public function terminate(): void
    {
        $this->socket->close();
    }
}
