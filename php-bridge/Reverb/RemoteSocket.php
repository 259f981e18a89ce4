<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Laravel\Reverb\Contracts\WebSocketConnection;
use Revurb\Events\SocketCommands;
use Stringable;

/**
 * The socket of a `RemoteConnection`, which Reverb's base class requires.
 */
final readonly class RemoteSocket implements WebSocketConnection
{
    public function __construct(
        private string $app,
        private string $id,
        private SocketCommands $commands,
    ) {}

    public function id(): string
    {
        return $this->id;
    }

    public function send(mixed $message): void
    {
        if (is_scalar($message) || $message instanceof Stringable) {
            $this->commands->send($this->app, $this->id, (string) $message);
        }
    }

    /** Closes the connection. The message would be a close frame in Reverb; here the server sends that frame. */
    public function close(mixed $message = null): void
    {
        $this->commands->disconnect($this->app, $this->id);
    }
}
