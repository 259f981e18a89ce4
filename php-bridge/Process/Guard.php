<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Runs what must not end the supervisor: the app's listeners, the console, chores. Exceptions are reported.
 */
final readonly class Guard
{
    public function __construct(private ExceptionHandler $exceptions) {}

    /** @param  Closure(): mixed  $do */
    public function run(Closure $do): void
    {
        try {
            $do();
        } catch (Throwable $exception) {
            $this->report($exception);
        }
    }

    /** A full disk fails the log too, and the sockets are worth more than the report. */
    private function report(Throwable $exception): void
    {
        try {
            $this->exceptions->report($exception);
        } catch (Throwable) {
        }
    }
}
