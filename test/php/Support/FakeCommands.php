<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Events\SocketCommands;

final class FakeCommands implements SocketCommands
{
    /** @var list<list<string>> */
    public array $asked = [];

    public function send(string $app, string $socket, string $message): void
    {
        $this->asked[] = ['send', $app, $socket, $message];
    }

    public function disconnect(string $app, string $socket): void
    {
        $this->asked[] = ['disconnect', $app, $socket];
    }
}
