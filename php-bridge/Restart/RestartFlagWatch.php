<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Revurb\Output\ReportOnce;
use Revurb\Status\RestartFlag;
use Revurb\System\BoundedAttempts;
use Revurb\System\Clock;
use Throwable;

/**
 * Whether the restart flag was raised since the start. A cache that cannot be read is reported once per outage; a flag that vanishes means
 * that the cache was cleared, and is no restart.
 */
final class RestartFlagWatch
{
    private readonly ReportOnce $reportOnce;

    private readonly BoundedAttempts $attempts;

    private bool $hasStarted = false;

    private ?string $atStart = null;

    private ?string $seen = null;

    private ?string $fault = null;

    public function __construct(
        private readonly RestartFlag $flag,
        ExceptionHandler $exceptions,
        Clock $clock,
    ) {
        $this->attempts = new BoundedAttempts($clock);
        $this->reportOnce = new ReportOnce($exceptions);
    }

    /** Later readings are compared with the first successful one. */
    public function isRaised(): bool
    {
        if (! $this->attempts->isDue()) {
            return false;
        }

        try {
            $flag = self::text($this->attempts->run($this->flag->read(...)));
        } catch (Throwable $exception) {
            $this->fault = $exception->getMessage();
            $this->reportOnce->report($exception);

            return false;
        }

        $this->fault = null;
        $this->reportOnce->end();
        $this->seen = $flag;

        if (! $this->hasStarted) {
            $this->hasStarted = true;
            $this->atStart = $flag;
        }

        return $flag !== null && $flag !== $this->atStart;
    }

    /** The flag of the last successful reading. */
    public function flag(): ?string
    {
        return $this->seen;
    }

    /** Why the last reading failed, or null. */
    public function fault(): ?string
    {
        return $this->fault;
    }

    /** This run is the result of that flag, so that any other flag counts, including one that was raised since. */
    public function begin(string $flag): void
    {
        $this->hasStarted = true;
        $this->atStart = $flag;
    }

    /** The restart that the last flag requests is not possible now: only another flag counts from here on. */
    public function acknowledge(): void
    {
        $this->atStart = $this->seen;
    }

    /** Some stores return a number as a text. */
    private static function text(mixed $flag): ?string
    {
        return is_scalar($flag) ? (string) $flag : null;
    }
}
