<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A client's connection, which the server holds.
 */
final readonly class Socket
{
    /**
     * @param  string|null  $origin  the client's Origin header
     * @param  int|null  $lastSeenAt  Unix time in seconds of the client's last frame, when the event happened
     */
    public function __construct(
        public string $app,
        public string $id,
        private SocketCommands $commands,
        public ?string $origin = null,
        public ?int $lastSeenAt = null,
    ) {}

    public function send(string $message): void
    {
        $this->commands->send($this->app, $this->id, $message);
    }

    /** Closes the connection with a code after which the client may reconnect. */
    public function disconnect(): void
    {
        $this->commands->disconnect($this->app, $this->id);
    }
}
