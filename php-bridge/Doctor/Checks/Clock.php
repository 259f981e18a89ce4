<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;

/**
 * Compares the clocks: signed requests carry the time, and the server refuses one that is too far off.
 */
final readonly class Clock implements Check
{
    private const FIX = 'timedatectl set-ntp true, on both machines';

    /** Seconds from which a difference is reported, long before requests are refused. */
    private const NOTABLE = 60;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

    public function run(): CheckResult
    {
        $reply = $this->probes->publisher();

        if (! $reply instanceof Reply) {
            return CheckResult::ok('not compared: no answer');
        }

        $tolerance = $this->context->timestampTolerance();

        $isRefused = $reply->refusal() === 'request-timestamp';
        $date = strtotime($reply->header('date'));

        if ($date === false && ! $isRefused) {
            return CheckResult::ok('not compared: the answer has no Date');
        }

        $offBy = abs((int) $date - (int) $reply->time);

        if ($isRefused) {
            // By the server's own account: the Date header may be that of a proxy whose clock is right.
            $by = $reply->refusalParameter('seconds');

            return CheckResult::problem(Code::ClockOff, 'this machine and the server', "{$tolerance} seconds are allowed, and their clocks differ ".($by === '' ? 'by more than that.' : "by {$by} seconds."), self::FIX);
        }

        return $offBy < min(self::NOTABLE, $tolerance / 2)
            ? CheckResult::ok("{$offBy} s between this machine and the server, {$tolerance} are allowed")
            : CheckResult::warning(Code::ClockOff, 'this machine and the server or proxy that answers publishers', "Their clocks differ by {$offBy} seconds; over {$tolerance} nothing can be published.", self::FIX);
    }
}
