<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Runs what must not end the supervisor: the app's listeners, the console, chores. Exceptions are reported.
 */
final class Rescue
{
    private ?Display $display = null;

    /** The exception that was shown last: a listener may fail with each event. */
    private string $shown = '';

    public function __construct(private readonly ExceptionHandler $exceptions) {}

    /** Where an exception is shown that cannot be reported. */
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

    /** A full disk fails the log, and a deleted release the exception handler: the sockets are worth more than the report. */
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
                'An exception could not be reported, because the exception handler of the application failed too; the server goes on.',
                'report-failed',
                ['exception' => $cause, 'handler' => $another->getMessage()],
            );
        } catch (Throwable) {
            // The console may be what has failed.
        }
    }
}
