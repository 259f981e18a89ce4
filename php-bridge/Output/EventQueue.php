<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Events\EventBridge;
use Revurb\Server\PipedChild;
use Revurb\System\Clock;
use Throwable;

/**
 * Server events that wait for the listeners of the application. Listeners may be slow or fail with every event: they get a slice of time in
 * which events are dispatched, after which the supervisor does its other work, and their failures are reported by `ListenerFailure`.
 *
 * The server sends its next batch once the previous one has been dispatched. Only when it stops does it send what is left at once.
 */
final class EventQueue
{
    private const ACKNOWLEDGEMENT = '{"command":"events-announced"}';

    /** Bytes of everything that a stopping server may send at once, and of the batch before. A server of this version sends no more. */
    private const MAX_BYTES = 1_310_720;

    /** Failures are counted by the place of their exception for this many places; all others are counted together. */
    private const MAX_FAILURES = 100;

    /** @var list<array{events: list<mixed>, bytes: int}> */
    private array $batches = [];

    /** The index of the next event of the first batch. */
    private int $next = 0;

    private int $bytes = 0;

    private readonly ThrottledReport $dropped;

    private readonly ThrottledReport $tooLarge;

    /** @var array<string, ListenerFailure> by the place where it was thrown */
    private array $failures = [];

    public function __construct(
        private readonly EventBridge $eventBridge,
        private readonly Rescue $rescue,
        private readonly Clock $clock,
        private readonly Display $display,
    ) {
        $this->dropped = new ThrottledReport($clock, static fn (int $count) => $display->warn("Listeners were too slow: {$count} events were not dispatched.", 'events-dropped', ['count' => $count]));
        $this->tooLarge = new ThrottledReport($clock, static fn (int $count) => $display->warn("{$count} events of more than 256 KiB were not dispatched: max_message_size of an app, or max_request_size, lets larger messages in than listeners can be given.", 'events-too-large', ['count' => $count]));
    }

    public function isEmpty(): bool
    {
        return $this->batches === [];
    }

    /**
     * @param  array<array-key, mixed>  $line  docs/bridge.md
     * @param  int  $bytes  length of that line
     */
    public function add(array $line, int $bytes, PipedChild $child): void
    {
        $events = is_array($line['events'] ?? null) ? array_values($line['events']) : [];
        $dropped = $line['dropped'] ?? 0;
        $tooLarge = $line['too_large'] ?? 0;

        if ($this->bytes + $bytes > self::MAX_BYTES) {
            $this->dropped->add(count($events));
        } elseif ($events !== []) {
            $this->batches[] = ['events' => $events, 'bytes' => $bytes];
            $this->bytes += $bytes;
        } else {
            $child->write(self::ACKNOWLEDGEMENT);
        }

        if (is_int($dropped) && $dropped > 0) {
            $this->dropped->add($dropped);
        }

        if (is_int($tooLarge) && $tooLarge > 0) {
            $this->tooLarge->add($tooLarge);
        }
    }

    /** Dispatches at least one event, and more while those seconds last. */
    public function dispatch(float $seconds, PipedChild $child): void
    {
        $until = $this->clock->now() + $seconds;

        while (($batch = $this->batches[0] ?? null) !== null) {
            $this->dispatchOne($batch['events'][$this->next++], $child);

            if ($this->next === count($batch['events'])) {
                array_shift($this->batches);
                $this->next = 0;
                $this->bytes -= $batch['bytes'];
                $child->write(self::ACKNOWLEDGEMENT);
            }

            if ($this->clock->now() >= $until) {
                return;
            }
        }
    }

    public function tick(): void
    {
        foreach ([$this->dropped, $this->tooLarge, ...array_values($this->failures)] as $throttled) {
            $throttled->tick();
        }
    }

    /**
     * Dispatches for at most that many seconds before this process exits or replaces itself. What is left is dropped, and everything that
     * was counted is reported.
     */
    public function end(float $seconds, PipedChild $child): void
    {
        $this->dispatch($seconds, $child);
        $left = array_sum(array_map(static fn (array $batch): int => count($batch['events']), $this->batches)) - $this->next;

        // If the restart fails, the running server continues, and without acknowledgements it would send no further event.
        foreach ($this->batches as $_) {
            $child->write(self::ACKNOWLEDGEMENT);
        }

        $this->batches = [];
        $this->next = $this->bytes = 0;

        if ($left > 0) {
            $this->dropped->add($left);
        }

        foreach ([$this->dropped, $this->tooLarge, ...array_values($this->failures)] as $throttled) {
            $throttled->end();
        }
    }

    private function dispatchOne(mixed $event, PipedChild $child): void
    {
        if (! is_array($event)) {
            return;
        }

        try {
            $this->eventBridge->dispatch($event, new ChildCommands($child));
        } catch (Throwable $exception) {
            $this->fail($exception);
        }
    }

    private function fail(Throwable $exception): void
    {
        $place = "{$exception->getFile()}:{$exception->getLine()} ".$exception::class;
        $key = isset($this->failures[$place]) || count($this->failures) < self::MAX_FAILURES ? $place : '';
        ($this->failures[$key] ??= new ListenerFailure($this->rescue, $this->clock, $this->display))->add($exception);
    }
}
