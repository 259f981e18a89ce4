<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * The exit codes of the server that have a meaning here (docs/bridge.md).
 */
final readonly class ExitCode
{
    public const OK = 0;

    /** The code of programs that have no code of their own for a failure. Bun exits with it if it cannot run the script. */
    public const FAILURE = 1;

    public const CANNOT_LISTEN = 69;

    public const WRONG_CONFIG = 78;

    /** A shell adds the number of the signal that has killed a process to this. */
    public const SIGNAL_BASE = 128;

    /** The exit code of `reverb:start` for an exit code of the server: 1 if the server cannot listen, as with Reverb. */
    public static function ofCommand(int $code): int
    {
        return $code === self::CANNOT_LISTEN ? self::FAILURE : $code;
    }
}
