<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Server\ExitCode;
use Revurb\System\Signals;

/**
 * What follows the exit of a server: a function of the state and the exit code. `RestartPolicyTest` has it as a table.
 */
final readonly class RestartPolicy
{
    /** Seconds after which a server is healthy, so that its crash is the first one again. */
    public const HEALTHY_SECONDS = 60;

    private const LONGEST_SECONDS = 60;

    /** The signals that request a drain, from this process or the terminal. One kills a server that does not handle signals yet. */
    private const DRAIN_SIGNALS = [Signals::TERM, Signals::INT, Signals::QUIT, Signals::HUP];

    /**
     * @param  State  $state  in which the server has exited
     * @param  int  $code  its exit code; 128 + n after signal n
     * @param  int  $crashes  how many servers have crashed in a row before this one
     */
    public static function decide(State $state, int $code, int $crashes): Decision
    {
        return match (true) {
            $state === State::Draining => Decision::end(),
            $state === State::TakingOver => Decision::rollBack(),
            $code === ExitCode::WRONG_CONFIG => Decision::giveUp(Reason::InvalidConfiguration),
            $code === ExitCode::CANNOT_LISTEN => Decision::giveUp($state->awaitsReady() ? Reason::CannotListen : Reason::CannotListenAnyMore),
            $state === State::Starting => Decision::giveUp(Reason::FailedStart),
            $state === State::Restarting => Decision::restart(Reason::FailedStart, self::secondsAfter($crashes)),
            $code === ExitCode::OK => Decision::end(),
            default => Decision::restart(Reason::Crash, self::secondsAfter($crashes)),
        };
    }

    /**
     * The exit code for the process manager.
     *
     * @param  State  $state  in which the supervisor ends
     * @param  int  $code  the exit code of the last server
     */
    public static function exitCode(State $state, int $code): int
    {
        return match (true) {
            // The crash has been reported, and the stop was requested.
            $state === State::BackingOff => ExitCode::OK,
            $state === State::Draining && in_array($code - ExitCode::SIGNAL_BASE, self::DRAIN_SIGNALS, strict: true) => ExitCode::OK,
            $state === State::Starting && $code === ExitCode::OK => ExitCode::FAILURE,
            default => ExitCode::ofCommand($code),
        };
    }

    /**
     * Seconds to wait: 0, 1, 2, 4 … 60.
     *
     * The first restart is immediate because clients reconnect one second after the crash. A client that finds the port closed then tries
     * again after 15 seconds (pusher-js).
     */
    private static function secondsAfter(int $crashes): int
    {
        return $crashes === 0 ? 0 : min(self::LONGEST_SECONDS, 2 ** min($crashes - 1, 10));
    }
}
