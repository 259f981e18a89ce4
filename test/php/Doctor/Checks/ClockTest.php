<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Clock;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class ClockTest extends DoctorTestCase
{
    private const NOW = 1_800_000_000;

    /** @param  array<string, mixed>  $server */
    private function clock(FakeNetwork $network, array $server = []): CheckResult
    {
        $context = $this->configured(server: $server);

        return (new Clock($context, new Probes($network, $context)))->run();
    }

    private function answering(int $offBy, string $refusal = ''): FakeNetwork
    {
        $date = gmdate('D, d M Y H:i:s \G\M\T', self::NOW + $offBy);

        return (new FakeNetwork)->with('http://chat.test:80/apps/', new Reply($refusal === '' ? 200 : 401, ['date' => $date, 'revurb-refusal' => $refusal], $refusal === '' ? '{"channels":{}}' : '', self::NOW + 0.9));
    }

    #[TestWith([0])]
    #[TestWith([59])]
    #[TestWith([-59])]
    public function test_equal_clocks_are_ok(int $offBy): void
    {
        $this->assertOk($this->clock($this->answering($offBy)));
    }

    #[TestWith([60, 'differ by 60 seconds'])]
    #[TestWith([-700, 'differ by 700 seconds'])]
    public function test_different_clocks_are_a_warning(int $offBy, string $fault): void
    {
        $this->assertFound(Status::Warning, $fault, 'set-ntp', $this->clock($this->answering($offBy)));
    }

    public function test_a_difference_of_half_a_small_tolerance_is_a_warning(): void
    {
        $this->assertFound(Status::Warning, 'over 20 nothing', 'set-ntp', $this->clock($this->answering(10), ['timestamp_tolerance' => '20']));
    }

    public function test_a_refusal_by_the_clock_names_the_difference(): void
    {
        $this->assertFound(Status::Problem, '600 seconds are allowed, and their clocks differ by 700 seconds', 'set-ntp', $this->clock($this->answering(0, 'request-timestamp; seconds=700; allowed=600')));
        $this->assertFound(Status::Problem, 'differ by more than that', 'set-ntp', $this->clock($this->answering(0, 'request-timestamp')));
        $this->assertFound(Status::Problem, 'differ by more than that', 'set-ntp', $this->clock((new FakeNetwork)->with('http://chat.test:80/apps/', new Reply(401, ['revurb-refusal' => 'request-timestamp']))));
    }

    public function test_without_a_date_of_the_server_clocks_are_not_compared(): void
    {
        $this->assertOk($this->clock(new FakeNetwork));
        $this->assertOk($this->clock((new FakeNetwork)->with('http://chat.test:80/apps/', new Reply(200))));
    }
}
