<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Hops\Reply;
use Revurb\Doctor\Setup\Setup;

/**
 * Signed calls carry the time, and one that is too far off is refused.
 */
final readonly class Clock implements Check
{
    private const FIX = 'timedatectl set-ntp true, on both machines';

    /** Seconds that are worth a word, long before calls are refused. */
    private const NOTABLE = 60;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
    ) {}

    public function look(): Finding
    {
        $reply = $this->hops->publisher();

        if (! $reply instanceof Reply) {
            return Finding::ok('not compared: nobody answered');
        }

        $tolerance = $this->setup->timestampTolerance();

        $isRefused = $reply->refusal() === 'request-timestamp';
        $date = strtotime($reply->header('date'));

        if ($date === false && ! $isRefused) {
            return Finding::ok('not compared: the answer has no Date');
        }

        $offBy = abs((int) $date - (int) $reply->time);

        if ($isRefused) {
            // The date may be that of a proxy, whose clock is right.
            $by = $date !== false && $offBy > $tolerance ? "by {$offBy} seconds" : 'by more than that';

            return Finding::problem(Code::ClockOff, 'this machine and the server', "{$tolerance} seconds are allowed, and their clocks differ {$by}.", self::FIX);
        }

        return $offBy < min(self::NOTABLE, $tolerance / 2)
            ? Finding::ok("{$offBy} s between this machine and the server, {$tolerance} are allowed")
            : Finding::warning(Code::ClockOff, 'this machine and whoever answers publishers', "Their clocks differ by {$offBy} seconds; over {$tolerance} nothing can be published.", self::FIX);
    }
}
