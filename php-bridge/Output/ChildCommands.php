<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Events\SocketCommands;
use Revurb\Server\PipedChild;

/**
 * Sends the commands of listeners to the server, as lines of its stdin.
 */
final readonly class ChildCommands implements SocketCommands
{
    public function __construct(private PipedChild $child) {}

    public function send(string $app, string $socket, string $message): void
    {
        $this->write(['command' => 'send', 'app' => $app, 'socket' => $socket, 'message' => $message]);
    }

    public function disconnect(string $app, string $socket): void
    {
        $this->write(['command' => 'disconnect', 'app' => $app, 'socket' => $socket]);
    }

    /** @param  array<string, string>  $command */
    private function write(array $command): void
    {
        $this->child->write(json_encode($command, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES));
    }
}
