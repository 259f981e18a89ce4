<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * Seconds to wait before a crashed server is started again: 0, 1, 2, 4 … 60, and 0 again after the server has been healthy for a minute.
 *
 * The first restart is immediate because clients reconnect one second after the crash. A client that finds the port closed then tries again
 * after 15 seconds (pusher-js).
 */
final class Backoff
{
    private const LONGEST_SECONDS = 60;

    private const HEALTHY_SECONDS = 60;

    private int $crashes = 0;

    /**
     * @param  float  $uptime  seconds for which the server that crashed had been ready
     */
    public function afterCrash(float $uptime): int
    {
        if ($uptime >= self::HEALTHY_SECONDS) {
            $this->crashes = 0;
        }

        $crash = $this->crashes++;

        return $crash === 0 ? 0 : min(self::LONGEST_SECONDS, 2 ** min($crash - 1, 10));
    }
}
