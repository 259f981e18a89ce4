<?php

declare(strict_types=1);

namespace Revurb\Output;

use Closure;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Revurb\System\Signals;
use Throwable;

/**
 * Runs code that must not end the supervisor, such as listeners, the console and periodic tasks, and reports its exceptions as Laravel's
 * `rescue()` does. If reporting fails, the exception is shown on the display.
 */
final class Rescue
{
    private ?Display $display = null;

    /** The exception that was shown last, so that a listener that fails with each event is shown once. */
    private string $shown = '';

    public function __construct(private readonly ExceptionHandler $exceptions) {}

    /** Sets the display for exceptions that cannot be reported. */
    public function showOn(Display $display): void
    {
        $this->display = $display;
    }

    /** @param  Closure(): mixed  $do */
    public function run(Closure $do): void
    {
        try {
            $do();
        } catch (Throwable $exception) {
            $this->report($exception);
        }
    }

    /** Reporting fails if the disk is full (the log) or the release was deleted (the exception handler). The server continues then. */
    private function report(Throwable $exception): void
    {
        try {
            Signals::interrupting(fn () => $this->exceptions->report($exception));
        } catch (Throwable $another) {
            $this->show($exception, $another);
        }
    }

    private function show(Throwable $exception, Throwable $another): void
    {
        $cause = "{$exception->getMessage()} ({$exception->getFile()}:{$exception->getLine()})";

        if ($cause === $this->shown) {
            return;
        }

        $this->shown = $cause;

        try {
            $this->display?->error(
                'An exception could not be reported, because the exception handler of the application failed too; the server continues to run.',
                'report-failed',
                ['exception' => $cause, 'handler' => $another->getMessage()],
            );
        } catch (Throwable) {
            // The display itself has failed, so there is no place left to report it.
        }
    }
}
