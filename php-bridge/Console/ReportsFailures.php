<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Revurb\Apps\UnreadableApps;
use Symfony\Component\Console\Formatter\OutputFormatter;

/**
 * For commands that code of the application can fail: one sentence on the console, and the stack trace in the log, where
 * Laravel would have written it too.
 *
 * @phpstan-require-extends Command
 */
trait ReportsFailures
{
    private function failBecauseOf(UnreadableApps $exception): int
    {
        $this->laravel->make(ExceptionHandler::class)->report($exception);
        $this->components->error(OutputFormatter::escape($exception->getMessage()));

        return self::FAILURE;
    }
}
