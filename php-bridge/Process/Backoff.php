<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * How long to wait before a crashed server is started again: 1, 2, 4 … 60 seconds, and 1 again after a minute of health.
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

        return min(self::LONGEST_SECONDS, 2 ** min($this->crashes++, 10));
    }
}
