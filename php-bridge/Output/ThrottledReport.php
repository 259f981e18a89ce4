<?php

declare(strict_types=1);

namespace Revurb\Output;

use Closure;
use Revurb\System\Clock;

/**
 * Reports something that clients can cause thousands of times a second: the first time at once, and then no more than once a minute, with
 * the number of times since the last report.
 */
final class ThrottledReport
{
    private const REPORT_SECONDS = 60.0;

    private int $count = 0;

    private float $reportedAt = -INF;

    /** @param  Closure(int): void  $report  called with the number of times since the last call, at least 1 */
    public function __construct(
        private readonly Clock $clock,
        private readonly Closure $report,
    ) {}

    public function add(int $count = 1): void
    {
        $this->count += $count;
        $this->tick();
    }

    /** Reports what has been counted, once a minute has passed since the last report. */
    public function tick(): void
    {
        if ($this->clock->now() - $this->reportedAt >= self::REPORT_SECONDS) {
            $this->end();
        }
    }

    /** Reports what has been counted at once. */
    public function end(): void
    {
        if ($this->count === 0) {
            return;
        }

        $count = $this->count;
        $this->count = 0;
        $this->reportedAt = $this->clock->now();
        ($this->report)($count);
    }
}
