<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Revurb\Events\EventBridge;
use Revurb\Events\SocketCommands;

final class FakeEventBridge implements EventBridge
{
    /** @var list<mixed> */
    public array $announced = [];

    /** @param  (Closure(array<array-key, mixed>, SocketCommands): mixed)|null  $listener */
    public function __construct(private readonly ?Closure $listener = null) {}

    public function listenedEvents(): array
    {
        return [];
    }

    public function preload(): void {}

    public function dispatch(array $event, SocketCommands $commands): void
    {
        $this->announced[] = $event['event'] ?? null;

        if ($this->listener !== null) {
            ($this->listener)($event, $commands);
        }
    }
}
