<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * Dispatches events of the server to the listeners of the application. Names and keys of events are those of docs/bridge.md.
 */
interface EventBridge
{
    public const MESSAGE_RECEIVED = 'message_received';

    public const MESSAGE_SENT = 'message_sent';

    public const CHANNEL_CREATED = 'channel_created';

    public const CHANNEL_REMOVED = 'channel_removed';

    public const CONNECTION_PRUNED = 'connection_pruned';

    /**
     * The names of the events that have listeners now. The server sends only these.
     *
     * @return list<string>
     */
    public function listenedEvents(): array;

    /** Loads the classes that `dispatch` needs, since their files may be gone by then. */
    public function preload(): void;

    /**
     * Dispatches one event, and ignores unknown ones. The caller catches exceptions of listeners.
     *
     * @param  array<array-key, mixed>  $event
     */
    public function dispatch(array $event, SocketCommands $commands): void;
}
