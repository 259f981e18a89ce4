<?php

declare(strict_types=1);

namespace Revurb\Events;

use Illuminate\Contracts\Events\Dispatcher;

/**
 * Dispatches events with the classes of this folder, in an application without laravel/reverb.
 */
final readonly class PackageEvents implements EventBridge
{
    private const CLASSES = [
        self::MESSAGE_RECEIVED => MessageReceived::class,
        self::MESSAGE_SENT => MessageSent::class,
        self::CHANNEL_CREATED => ChannelCreated::class,
        self::CHANNEL_REMOVED => ChannelRemoved::class,
        self::CONNECTION_PRUNED => ConnectionPruned::class,
    ];

    public function __construct(private Dispatcher $dispatcher) {}

    public function listenedEvents(): array
    {
        return array_keys(array_filter(self::CLASSES, $this->dispatcher->hasListeners(...)));
    }

    public function preload(): void
    {
        class_exists(Socket::class);
        class_exists(EventFields::class);
        (new ListenerClasses($this->dispatcher))->load(array_values(self::CLASSES));
    }

    public function dispatch(array $event, SocketCommands $commands): void
    {
        $event = new EventFields($event);
        $socket = fn (): Socket => new Socket(
            $event->text('app'),
            $event->text('socket'),
            $commands,
            $event->textOrNull('origin'),
            $event->time('last_seen_at'),
        );

        $laravelEvent = match ($event->text('event')) {
            self::MESSAGE_RECEIVED => new MessageReceived($socket(), $event->text('message')),
            self::MESSAGE_SENT => new MessageSent($socket(), $event->text('message')),
            self::CHANNEL_CREATED => new ChannelCreated($event->text('app'), $event->text('channel')),
            self::CHANNEL_REMOVED => new ChannelRemoved($event->text('app'), $event->text('channel')),
            self::CONNECTION_PRUNED => new ConnectionPruned($socket()),
            default => null,
        };

        if ($laravelEvent !== null) {
            $this->dispatcher->dispatch($laravelEvent);
        }
    }
}
