<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;

/**
 * Something that clients can cause thousands of times a second: reported at once the first time, and then once a minute at most, with
 * the number of times since.
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

    /** Reports what has waited for a minute. */
    public function tick(): void
    {
        if ($this->clock->now() - $this->reportedAt >= self::REPORT_SECONDS) {
            $this->end();
        }
    }

    /** Reports all that waits. */
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
