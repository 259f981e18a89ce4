<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;

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

    /**
     * Delivers those that come meanwhile at its end. PHP calls no handler while an exception is thrown, and forgets the signal: that
     * is where one arrives that has come while phpredis waited for an answer in vain.
     *
     * @template T
     *
     * @param  Closure(): T  $do
     * @return T
     */
    public static function holdDuring(Closure $do): mixed
    {
        if (! function_exists('pcntl_sigprocmask')) {
            return $do();
        }

        pcntl_sigprocmask(SIG_BLOCK, self::STOP, $before);

        try {
            return $do();
        } finally {
            pcntl_sigprocmask(SIG_SETMASK, $before);
        }
    }
}
