<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Rescue;
use Revurb\Restart\GracefulRestart;
use Revurb\System\Clock;
use Revurb\System\StopRequest;

/**
 * The time between a crash and the next start, which a stop ends.
 */
final readonly class Pause
{
    /** Seconds of the longest sleep: a signal that arrives just before a sleep is noticed this much later. */
    private const MAX_SLEEP_SECONDS = 1.0;

    public function __construct(
        private Clock $clock,
        private StopRequest $stop,
        private GracefulRestart $restart,
        private Rescue $rescue,
    ) {}

    /** @param  bool  $isRenewing  whether to look then for an application that is complete again */
    public function wait(int $seconds, bool $isRenewing): void
    {
        $until = $this->clock->now() + $seconds;

        while (! $this->stop->isMade() && ($left = $until - $this->clock->now()) > 0) {
            $this->clock->sleep(min($left, self::MAX_SLEEP_SECONDS));
        }

        if ($isRenewing && ! $this->stop->isMade()) {
            $this->rescue->run($this->restart->renew(...));
        }
    }
}
