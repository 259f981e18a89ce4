<?php

declare(strict_types=1);

namespace Revurb\Process;

use Throwable;

/**
 * An exception that listeners throw at one place. Each client may cause it with each message: the exception handler of the application is
 * given the first one, and then one a minute, so that neither the disk nor the time of this process is filled with stack traces.
 */
final class ListenerFailure
{
    private Throwable $last;

    private readonly Recurring $recurring;

    public function __construct(Guard $guard, Clock $clock, Display $display)
    {
        $this->recurring = new Recurring($clock, function (int $count) use ($guard, $display): void {
            $guard->run(fn () => throw $this->last);

            if ($count > 1) {
                $place = $this->last::class." at {$this->last->getFile()}:{$this->last->getLine()}";
                $display->warn("A listener has failed {$count} times since the last report of it; the exception handler was given the last exception only: {$place}", 'listener-failed', ['count' => $count]);
            }
        });
    }

    public function add(Throwable $exception): void
    {
        $this->last = $exception;
        $this->recurring->add();
    }

    public function tick(): void
    {
        $this->recurring->tick();
    }

    public function end(): void
    {
        $this->recurring->end();
    }
}
