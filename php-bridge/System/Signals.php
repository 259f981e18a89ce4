<?php

declare(strict_types=1);

namespace Revurb\System;

use Closure;

/**
 * The signals that stop a process, and how this process handles them. The numbers are the same on Linux and macOS, except for USR2, which
 * is sent on Linux only; PHP has constants for them only with the extension pcntl.
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
     * Handles the signals. A signal interrupts what this process waits for: otherwise a write to a terminal or a pipe that is not read
     * would never end, and PHP calls the handler only after it.
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
     * Interrupts `$do` each second, such as a write of the application's log to a terminal that is not read. One signal is not enough: PHP
     * continues with the rest of a partial write without calling the handler.
     *
     * @template T
     *
     * @param  Closure(): T  $do
     * @return T
     */
    public static function interrupting(Closure $do): mixed
    {
        // The handler must be that of `handle`: without one, or with that of Symfony, the alarm would end this process.
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
     * After the signal this process is interrupted each second, since the application's log may be written to a terminal that is not read.
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

    /** Cancels the alarm. It would end the program that this process becomes, which has no handler for it yet. */
    public static function cancelAlarm(): void
    {
        self::interruptIn(0);

        // A pending alarm's handler would set the next one, so it runs first.
        if (function_exists('pcntl_signal_dispatch')) {
            pcntl_signal_dispatch();
            self::interruptIn(0);
        }
    }

    /**
     * Whether the signal was ignored when this process started, as under `nohup`; PHP has no function for it. If the system does not show
     * it, the signal counts as ignored and is left as it is.
     */
    private static function isIgnored(int $signal): bool
    {
        $status = (string) @file_get_contents('/proc/self/status');

        return preg_match('/^SigIgn:\s*([0-9a-f]+)$/m', $status, $found) !== 1 || (hexdec(substr($found[1], -8)) >> ($signal - 1) & 1) === 1;
    }

    /** Delivers the signals that arrived while the previous run of this process replaced itself. */
    public static function unblock(): void
    {
        if (function_exists('pcntl_sigprocmask')) {
            pcntl_sigprocmask(SIG_UNBLOCK, self::STOP);
        }
    }

    /**
     * Blocks the signals while `$do` runs, and delivers them afterwards. PHP calls no handler while an exception is thrown and forgets the
     * signal; that happens to a signal that arrives while phpredis waits for an answer in vain.
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
