<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\TestCase;
use Revurb\Supervision\Backoff;

final class BackoffTest extends TestCase
{
    public function test_the_backoff_doubles_up_to_a_minute_and_is_reset_after_a_minute_of_health(): void
    {
        $backoff = new Backoff;

        $this->assertSame([0, 1, 2, 4, 8, 16, 32, 60, 60], array_map(fn (): int => $backoff->afterCrash(59.9), range(1, 9)));
        $this->assertSame([0, 1], [$backoff->afterCrash(60.0), $backoff->afterCrash(0.0)]);
    }
}
