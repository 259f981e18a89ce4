<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * Those by which a process is asked to stop.
 */
final readonly class Signals
{
    public const STOP = [SIGINT, SIGTERM, SIGTSTP];

    /** Those that have come while an earlier run of this process became this one are delivered now. */
    public static function admit(): void
    {
        if (function_exists('pcntl_sigprocmask')) {
            pcntl_sigprocmask(SIG_UNBLOCK, self::STOP);
        }
    }
}
