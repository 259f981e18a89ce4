<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * The server's exit codes that mean something here (docs/bridge.md).
 */
final readonly class ExitCode
{
    public const OK = 0;

    /** What every program ends with that has no code of its own for a failure. Bun does where it cannot run the script. */
    public const FAILURE = 1;

    public const CANNOT_LISTEN = 69;

    public const WRONG_CONFIG = 78;

    /** Where a shell adds the number of the signal that ended a process. */
    public const SIGNAL_BASE = 128;

    /** What `reverb:start` ends with when the server has ended with this: 1 where it cannot listen, as Reverb's does. */
    public static function ofCommand(int $code): int
    {
        return $code === self::CANNOT_LISTEN ? self::FAILURE : $code;
    }
}
