<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * The states of a supervisor, and which may follow which.
 */
enum State
{
    /** The first server of this run was launched and does not listen yet. A server that cannot start is not started again. */
    case Starting;

    /** The same beside the server of the previous run, which continues if this one cannot start. */
    case TakingOver;

    /** The server listens. */
    case Serving;

    /** The server has crashed, and the next one is started later. */
    case BackingOff;

    /** A server was launched after a crash and does not listen yet. It is started again until it does, since clients wait. */
    case Restarting;

    /** A stop was requested, and the server drains. */
    case Draining;

    case Stopped;

    public function mayBecome(self $next): bool
    {
        return in_array($next, match ($this) {
            self::Starting => [self::Serving, self::Draining, self::Stopped],
            self::TakingOver => [self::Serving, self::Draining],
            self::Serving => [self::BackingOff, self::Draining, self::Stopped],
            self::BackingOff => [self::Restarting, self::Stopped],
            self::Restarting => [self::Serving, self::BackingOff, self::Draining, self::Stopped],
            self::Draining => [self::Stopped],
            self::Stopped => [],
        }, strict: true);
    }

    /** Whether a server was launched that does not listen yet. */
    public function awaitsReady(): bool
    {
        return in_array($this, [self::Starting, self::TakingOver, self::Restarting], strict: true);
    }
}
