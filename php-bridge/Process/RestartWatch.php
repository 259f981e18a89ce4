<?php

declare(strict_types=1);

namespace Revurb\Process;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Whether the restart flag was raised since the start. A cache that cannot be read is reported once per outage; a flag
 * that vanishes is a cleared cache, and nobody's wish.
 */
final class RestartWatch
{
    private readonly Outage $outage;

    private bool $hasStarted = false;

    private mixed $atStart = null;

    private mixed $seen = null;

    public function __construct(
        private readonly RestartSignal $signal,
        ExceptionHandler $exceptions,
    ) {
        $this->outage = new Outage($exceptions);
    }

    /** The first successful reading is the one that later ones are held against. */
    public function isRaised(): bool
    {
        try {
            $flag = $this->signal->read();
        } catch (Throwable $exception) {
            $this->outage->report($exception);

            return false;
        }

        $this->outage->end();
        $this->seen = $flag;

        if (! $this->hasStarted) {
            $this->hasStarted = true;
            $this->atStart = $flag;
        }

        return $flag !== null && $flag !== $this->atStart;
    }

    /** What the flag that was seen last asked for is not possible now: only another one counts, whenever it came. */
    public function acknowledge(): void
    {
        $this->atStart = $this->seen;
    }
}
