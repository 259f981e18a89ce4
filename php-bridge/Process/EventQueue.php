<?php

declare(strict_types=1);

namespace Revurb\Process;

use Revurb\Events\EventBridge;
use Throwable;

/**
 * Events of the server on their way to the listeners of the application. A listener may be slow or fail each time: it is given the
 * events in slices of time, between which the supervisor does its other work, and its failures are reported as `ThrottledReport`.
 *
 * The server sends its next batch once the one before has been announced. Only when it stops it sends what it still has at once.
 */
final class EventQueue
{
    private const ANNOUNCED = '{"command":"events-announced"}';

    /** All that a stopping server may send at once, and the batch before: more comes of no server of this version. */
    private const MAX_BYTES = 1_310_720;

    /** Places of exceptions that are counted apart; those of all others are counted as one. */
    private const MAX_FAILURES = 100;

    /** @var list<array{events: list<mixed>, bytes: int}> */
    private array $batches = [];

    /** The next event of the first batch. */
    private int $next = 0;

    private int $bytes = 0;

    private readonly ThrottledReport $dropped;

    private readonly ThrottledReport $tooLarge;

    /** @var array<string, ListenerFailure> by where it was thrown */
    private array $failures = [];

    public function __construct(
        private readonly EventBridge $eventBridge,
        private readonly Rescue $rescue,
        private readonly Clock $clock,
        private readonly Display $display,
    ) {
        $this->dropped = new ThrottledReport($clock, static fn (int $count) => $display->warn("Listeners were too slow: {$count} events were not announced.", 'events-dropped', ['count' => $count]));
        $this->tooLarge = new ThrottledReport($clock, static fn (int $count) => $display->warn("{$count} events of more than 256 KiB were not announced: max_message_size of an app, or max_request_size, lets larger messages in than listeners can be given.", 'events-too-large', ['count' => $count]));
    }

    public function isEmpty(): bool
    {
        return $this->batches === [];
    }

    /**
     * @param  array<array-key, mixed>  $line  docs/bridge.md
     * @param  int  $bytes  of that line
     */
    public function add(array $line, int $bytes, Child $child): void
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
            $child->write(self::ANNOUNCED);
        }

        if (is_int($dropped) && $dropped > 0) {
            $this->dropped->add($dropped);
        }

        if (is_int($tooLarge) && $tooLarge > 0) {
            $this->tooLarge->add($tooLarge);
        }
    }

    /** At least one event, and no more than those seconds allow. */
    public function announce(float $seconds, Child $child): void
    {
        $until = $this->clock->now() + $seconds;

        while (($batch = $this->batches[0] ?? null) !== null) {
            $this->announceOne($batch['events'][$this->next++], $child);

            if ($this->next === count($batch['events'])) {
                array_shift($this->batches);
                $this->next = 0;
                $this->bytes -= $batch['bytes'];
                $child->write(self::ANNOUNCED);
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

    /** The process stops, or becomes another one: what cannot be announced in those seconds is dropped, and all is reported. */
    public function end(float $seconds, Child $child): void
    {
        $this->announce($seconds, $child);
        $left = array_sum(array_map(static fn (array $batch): int => count($batch['events']), $this->batches)) - $this->next;

        // A server that goes on, because the restart has failed, would send no event any more.
        foreach ($this->batches as $_) {
            $child->write(self::ANNOUNCED);
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

    private function announceOne(mixed $event, Child $child): void
    {
        if (! is_array($event)) {
            return;
        }

        try {
            $this->eventBridge->announce($event, new ChildCommands($child));
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
