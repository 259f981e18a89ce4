<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;

/**
 * Those by which a process is asked to stop.
 */
final readonly class Signals
{
    public const HUP = 1;

    public const INT = 2;

    public const QUIT = 3;

    public const KILL = 9;

    public const USR2 = 12;

    public const TERM = 15;

    public const STOP = [SIGINT, SIGTERM, SIGTSTP, SIGQUIT, SIGHUP];

    private const INTERRUPT_SECONDS = 1;

    /**
     * A signal interrupts what this process waits for: a write to a terminal or a pipe that is not read would never end otherwise, and
     * PHP calls the handler only then.
     *
     * @param  Closure(): void  $stop
     * @param  Closure(): void  $hangUp  for SIGHUP, which a terminal sends when it is closed; not called where `nohup` has it ignored
     * @return Closure(): void restores the handlers that were there before
     */
    public static function handle(Closure $stop, Closure $hangUp): Closure
    {
        pcntl_async_signals(true);
        $handlers = array_fill_keys(self::STOP, self::andInterrupt($stop));
        $handlers[SIGHUP] = self::andInterrupt($hangUp);
        $handlers[SIGALRM] = self::andInterrupt(static fn () => null);
        $before = [];

        if (self::isIgnored(SIGHUP)) {
            unset($handlers[SIGHUP]);
        }

        foreach ($handlers as $signal => $handler) {
            $before[$signal] = pcntl_signal_get_handler($signal);
            pcntl_signal($signal, $handler, restart_syscalls: false);
        }

        return static function () use ($before): void {
            self::interruptIn(0);

            foreach ($before as $signal => $handler) {
                pcntl_signal($signal, $handler);
            }
        };
    }

    /**
     * Interrupts each second what takes longer than that, such as a write of the application's own log to a terminal that is not read. One
     * signal is not enough: PHP goes on with the rest of what was written in part, and its handler is not called then.
     *
     * @template T
     *
     * @param  Closure(): T  $do
     * @return T
     */
    public static function interrupting(Closure $do): mixed
    {
        // The handler of `handle`. Without one the signal would end this process, and with that of Symfony, too.
        if (! function_exists('pcntl_alarm') || ! function_exists('pcntl_signal_get_handler') || ! pcntl_signal_get_handler(SIGALRM) instanceof Closure) {
            return $do();
        }

        $left = pcntl_alarm(self::INTERRUPT_SECONDS);

        try {
            return $do();
        } finally {
            pcntl_alarm($left);
        }
    }

    /**
     * From then on it is interrupted each second: the log of the application, too, may be written to a terminal that is not read.
     *
     * @param  Closure(): void  $do
     * @return Closure(): void
     */
    private static function andInterrupt(Closure $do): Closure
    {
        return static function () use ($do): void {
            self::interruptIn(self::INTERRUPT_SECONDS);
            $do();
        };
    }

    private static function interruptIn(int $seconds): void
    {
        if (function_exists('pcntl_alarm')) {
            pcntl_alarm($seconds);
        }
    }

    /** An alarm that is still to come would end the program that this process becomes, which has no handler for it yet. */
    public static function cancelAlarm(): void
    {
        self::interruptIn(0);

        // The handler of an alarm that has come already sets the next one.
        if (function_exists('pcntl_signal_dispatch')) {
            pcntl_signal_dispatch();
            self::interruptIn(0);
        }
    }

    /** Since its start; PHP has no function for it. Where the system does not show it, the signal is left as it is, as if it were ignored. */
    private static function isIgnored(int $signal): bool
    {
        $status = (string) @file_get_contents('/proc/self/status');

        return preg_match('/^SigIgn:\s*([0-9a-f]+)$/m', $status, $found) !== 1 || (hexdec(substr($found[1], -8)) >> ($signal - 1) & 1) === 1;
    }

    /** Those that have come while an earlier run of this process became this one are delivered now. */
    public static function unblock(): void
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
    public static function blockDuring(Closure $do): mixed
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
