<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Closure;
use Illuminate\Contracts\Events\Dispatcher;
use Laravel\Reverb\Application;
use Laravel\Reverb\Contracts\ApplicationProvider;
use Laravel\Reverb\Events\ChannelCreated;
use Laravel\Reverb\Events\ChannelRemoved;
use Laravel\Reverb\Events\ConnectionPruned;
use Laravel\Reverb\Events\MessageReceived;
use Laravel\Reverb\Events\MessageSent;
use Laravel\Reverb\Protocols\Pusher\Channels\ChannelBroker;
use Laravel\Reverb\Protocols\Pusher\Channels\ChannelConnection;
use Revurb\Events\EventBridge;
use Revurb\Events\EventFields;
use Revurb\Events\ListenerClasses;
use Revurb\Events\SocketCommands;

/**
 * Dispatches Reverb's own event classes, so that an application's listeners and Pulse's recorders continue to work.
 */
final class ReverbEvents implements EventBridge
{
    private const CLASSES = [
        self::MESSAGE_RECEIVED => MessageReceived::class,
        self::MESSAGE_SENT => MessageSent::class,
        self::CHANNEL_CREATED => ChannelCreated::class,
        self::CHANNEL_REMOVED => ChannelRemoved::class,
        self::CONNECTION_PRUNED => ConnectionPruned::class,
    ];

    /** @var array<string, Application> cached, since a custom provider may query a database each time, and every message is an event */
    private array $apps = [];

    /** @param  Closure(): ApplicationProvider  $provider  called for the first event of an app, since a provider of the application may throw in its constructor */
    public function __construct(
        private readonly Dispatcher $dispatcher,
        private readonly Closure $provider,
    ) {}

    public function listenedEvents(): array
    {
        return array_keys(array_filter(self::CLASSES, $this->dispatcher->hasListeners(...)));
    }

    public function preload(): void
    {
        (new ListenerClasses($this->dispatcher))->load(array_values(self::CLASSES));

        foreach ([EventFields::class, RemoteConnection::class, RemoteSocket::class, ChannelConnection::class, Application::class] as $class) {
            class_exists($class);
        }

        foreach (['channel', 'private-channel', 'presence-channel', 'cache-channel', 'private-cache-channel', 'presence-cache-channel'] as $channel) {
            ChannelBroker::create($channel);
        }

        // A provider of the application may throw in its constructor.
        ($this->provider)();
    }

    public function dispatch(array $event, SocketCommands $commands): void
    {
        $event = new EventFields($event);
        $connection = fn (): RemoteConnection => new RemoteConnection($this->app($event->text('app')), $event, $commands);

        $laravelEvent = match ($event->text('event')) {
            self::MESSAGE_RECEIVED => new MessageReceived($connection(), $event->text('message')),
            self::MESSAGE_SENT => new MessageSent($connection(), $event->text('message')),
            self::CHANNEL_CREATED => new ChannelCreated(ChannelBroker::create($event->text('channel'))),
            self::CHANNEL_REMOVED => new ChannelRemoved(ChannelBroker::create($event->text('channel'))),
            self::CONNECTION_PRUNED => new ConnectionPruned(new ChannelConnection($connection())),
            default => null,
        };

        if ($laravelEvent !== null) {
            $this->dispatcher->dispatch($laravelEvent);
        }
    }

    private function app(string $id): Application
    {
        return $this->apps[$id] ??= ($this->provider)()->findById($id);
    }
}
