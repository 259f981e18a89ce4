<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * How Laravel hears of what happens in the server. Names and keys of events are those of docs/bridge.md.
 */
interface EventBridge
{
    public const MESSAGE_RECEIVED = 'message_received';

    public const MESSAGE_SENT = 'message_sent';

    public const CHANNEL_CREATED = 'channel_created';

    public const CHANNEL_REMOVED = 'channel_removed';

    public const CONNECTION_PRUNED = 'connection_pruned';

    /**
     * What somebody listens for, at this moment.
     *
     * @return list<string>
     */
    public function wanted(): array;

    /** Loads the classes that `announce` needs: their files may be gone by then. */
    public function prepare(): void;

    /**
     * Dispatches one event; unknown ones are nothing. A listener's exception is the caller's to catch.
     *
     * @param  array<array-key, mixed>  $event
     */
    public function announce(array $event, SocketCommands $commands): void;
}
