<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\System\Clock;
use Throwable;

/**
 * Exceptions that listeners throw at one place. Every client can cause one with every message, so the exception handler of the application
 * gets the first one, and then one a minute: neither the disk nor the time of this process is filled with stack traces.
 */
final class ListenerFailure
{
    private Throwable $last;

    private readonly ThrottledReport $throttled;

    /** Set while this process exits or replaces itself, when there is no time for the exception handler of the application. */
    private bool $isEnding = false;

    public function __construct(Rescue $rescue, Clock $clock, Display $display)
    {
        $this->throttled = new ThrottledReport($clock, function (int $count) use ($rescue, $display): void {
            if (! $this->isEnding) {
                $rescue->run(fn () => throw $this->last);
            }

            if ($this->isEnding || $count > 1) {
                $place = $this->last::class." at {$this->last->getFile()}:{$this->last->getLine()}";
                $display->warn("A listener has failed {$count} times since the last report of it; not every exception was passed to the exception handler: {$place}", 'listener-failed', ['count' => $count]);
            }
        });
    }

    public function add(Throwable $exception): void
    {
        $this->last = $exception;
        $this->throttled->add();
    }

    public function tick(): void
    {
        $this->throttled->tick();
    }

    /** Reports the number of exceptions that were not reported. */
    public function end(): void
    {
        $this->isEnding = true;
        $this->throttled->end();
        $this->isEnding = false;
    }
}
