<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Server\Line;
use Revurb\Server\ServerRun;

/**
 * Passes each line of the server to where it belongs: the display, the listeners of the application, or the published state.
 */
final readonly class ServerOutput
{
    /** Seconds of a slice of time for listeners: all other work waits no longer than that, and one event. */
    private const SLICE_SECONDS = 0.01;

    /** Seconds for the events that are left when a server has exited or is handed over; the stop or the restart waits for them. */
    private const FINAL_SECONDS = 1.0;

    /** Seconds between two writes to a slow console. */
    private const WRITE_POLL_SECONDS = 0.1;

    public function __construct(
        private Display $display,
        private StatePublisher $publisher,
        private EventQueue $events,
        private UnexpectedOutput $unexpected,
    ) {}

    /** @return Ready|null if the line says that the server listens, for which the supervisor calls `ready()` in its turn */
    public function handle(Line $line, ServerRun $server): ?Ready
    {
        if ($line->isError) {
            $this->display->passThrough($line);

            return null;
        }

        $message = json_decode($line->text, true);
        $type = is_array($message) ? $message['type'] ?? null : null;

        if ($type === 'ready') {
            return Ready::of((array) $message);
        }

        match ($type) {
            'log' => $this->log((array) $message, $server),
            'events' => $this->addEvents((array) $message, strlen($line->text), $server),
            'status' => $this->publisher->status((array) $message),
            'moved' => $this->publisher->moved((array) $message),
            default => $this->unexpected->add($line),
        };

        return null;
    }

    public function ready(Ready $ready): void
    {
        $this->display->ready($ready->host, $ready->port, $ready->isSecure);
        $this->publisher->ready($ready->address(), $ready->line);
    }

    /**
     * Writes what a slow console accepts now.
     *
     * @return float seconds after which there is more to do; 0 while events wait
     */
    public function flush(): float
    {
        $untilWritten = $this->display->flush() ? INF : self::WRITE_POLL_SECONDS;

        return $this->events->isEmpty() ? $untilWritten : 0.0;
    }

    /** Gives the listeners a slice of time. */
    public function dispatchEvents(ServerRun $server): void
    {
        if (($pipes = $server->pipes()) !== null) {
            $this->events->dispatch(self::SLICE_SECONDS, $pipes);
        }
    }

    /** Dispatches and reports what is left, since the server has exited or is handed over. */
    public function end(ServerRun $server): void
    {
        try {
            if (($pipes = $server->pipes()) !== null) {
                $this->events->end(self::FINAL_SECONDS, $pipes);
            }
        } finally {
            $this->unexpected->end();
        }
    }

    /** @param  array<array-key, mixed>  $entry */
    private function log(array $entry, ServerRun $server): void
    {
        $this->publisher->logged($entry);
        $server->hasLoggedError = $server->hasLoggedError || ($entry['level'] ?? null) === 'error';
        $this->display->log($entry);
    }

    /** @param  array<array-key, mixed>  $line */
    private function addEvents(array $line, int $bytes, ServerRun $server): void
    {
        if (($pipes = $server->pipes()) !== null) {
            $this->events->add($line, $bytes, $pipes);
        }
    }
}
