<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Display;
use Revurb\Output\Rescue;
use Revurb\Output\StatePublisher;
use Revurb\Server\Command;
use Revurb\Server\ServerFault;

/**
 * Logs and publishes why a server has exited, and what follows.
 */
final readonly class ExitReport
{
    public function __construct(
        private Display $display,
        private StatePublisher $publisher,
        private Rescue $rescue,
        private Command $command,
    ) {}

    /** @param  bool  $hasLoggedError  whether the server has logged the reason itself */
    public function gaveUp(?Reason $reason, int $code, bool $hasLoggedError): void
    {
        [$sentence, $name] = match ($reason) {
            Reason::InvalidConfiguration => ['The configuration is not valid; correct config/reverb.php or the environment, and start the server again.', 'config-invalid'],
            Reason::CannotListen => [$hasLoggedError ? null : 'The server could not listen.', 'cannot-listen'],
            Reason::CannotListenAnyMore => ["The server can no longer listen (exit code {$code}).", 'cannot-listen'],
            default => self::sentence($this->faultOf($reason, $code)),
        };

        if ($sentence !== null) {
            $this->rescue->run(fn () => $this->display->error($sentence, $name));
        }
    }

    /** @param  int  $seconds  until the next server is started */
    public function crashed(ServerFault $fault, int $seconds): void
    {
        $when = match ($seconds) {
            0 => 'now',
            1 => 'in 1 second',
            default => "in {$seconds} seconds",
        };
        $this->rescue->run(fn () => $this->display->error("{$fault->sentence}; it is started again {$when}.", $fault->code));
        $this->rescue->run(fn () => $this->publisher->crashed($fault->exitCode));
    }

    /** The server that this run has launched has exited, and the previous one continues. */
    public function rolledBack(int $code): void
    {
        $this->rescue->run(fn () => $this->display->error("The new server could not start (exit code {$code}), and the running one continues.", 'restart-failed'));
        $this->rescue->run(fn () => $this->publisher->rolledBack($code));
    }

    public function faultOf(?Reason $reason, int $code): ServerFault
    {
        return $reason === Reason::FailedStart ? ServerFault::atStart($this->command, $code) : ServerFault::crash($code);
    }

    /** @return array{string, string} */
    private static function sentence(ServerFault $fault): array
    {
        return ["{$fault->sentence}.", $fault->code];
    }
}
