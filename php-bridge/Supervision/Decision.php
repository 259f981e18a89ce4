<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * An action with its reason, and for a restart the seconds until then.
 */
final readonly class Decision
{
    private function __construct(
        public Action $action,
        public ?Reason $reason = null,
        public int $seconds = 0,
    ) {}

    public static function restart(Reason $reason, int $seconds): self
    {
        return new self(Action::Restart, $reason, $seconds);
    }

    public static function rollBack(): self
    {
        return new self(Action::RollBack);
    }

    public static function giveUp(Reason $reason): self
    {
        return new self(Action::GiveUp, $reason);
    }

    public static function end(): self
    {
        return new self(Action::End);
    }
}
