<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * One client's socket, held by the server.
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

    /** The client is told that it may come back. */
    public function disconnect(): void
    {
        $this->commands->disconnect($this->app, $this->id);
    }
}
