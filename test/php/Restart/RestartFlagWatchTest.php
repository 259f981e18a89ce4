<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use PHPUnit\Framework\TestCase;
use Revurb\Restart\RestartFlagWatch;
use Revurb\Status\RestartFlag;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeReports;

final class RestartFlagWatchTest extends TestCase
{
    private FakeCache $cache;

    private FakeReports $reports;

    private RestartFlag $signal;

    private RestartFlagWatch $watch;

    protected function setUp(): void
    {
        $this->cache = new FakeCache;
        $this->reports = new FakeReports;
        $this->signal = new RestartFlag($this->cache);
        $this->watch = new RestartFlagWatch($this->signal, $this->reports, new FakeClock);
    }

    public function test_a_flag_that_appears_is_raised(): void
    {
        $this->assertFalse($this->watch->isRaised());
        $this->signal->raise(1);
        $this->assertTrue($this->watch->isRaised());
        $this->assertSame(1, $this->cache->store()->get('laravel:reverb:restart'));
    }

    public function test_a_flag_that_changes_is_raised_and_an_old_one_is_not(): void
    {
        $this->signal->raise(1);
        $this->assertFalse($this->watch->isRaised());
        $this->assertFalse($this->watch->isRaised());
        $this->signal->raise(2);
        $this->assertTrue($this->watch->isRaised());
    }

    public function test_a_cleared_cache_is_no_restart(): void
    {
        $this->signal->raise(1);
        $this->watch->isRaised();
        $this->cache->store()->flush();

        $this->assertFalse($this->watch->isRaised());
    }

    public function test_an_acknowledged_flag_is_not_raised_again_and_a_newer_one_is(): void
    {
        $this->watch->isRaised();
        $this->signal->raise(1);
        $this->assertTrue($this->watch->isRaised());
        $this->signal->raise(2);
        $this->watch->acknowledge();

        $this->assertTrue($this->watch->isRaised());
        $this->watch->acknowledge();
        $this->assertFalse($this->watch->isRaised());
    }

    public function test_a_cache_that_fails_slowly_is_read_for_a_fifth_of_the_time(): void
    {
        $clock = new FakeClock;
        $watch = new RestartFlagWatch($this->signal, $this->reports, $clock);
        $this->cache->isDown = true;
        $this->cache->beforeFailing = fn () => $clock->now += 60;
        $watch->isRaised();
        $asked = $this->cache->questions;

        $clock->now += 239;
        $this->assertFalse($watch->isRaised());
        $this->assertSame([$asked, 'The cache is down.'], [$this->cache->questions, $watch->fault()]);

        $clock->now += 1;
        $this->cache->isDown = false;
        $watch->isRaised();
        $this->assertNull($watch->fault());
    }

    public function test_an_outage_is_reported_once_and_the_next_one_again(): void
    {
        $this->watch->isRaised();

        foreach ([true, true, false, true] as $isDown) {
            $this->cache->isDown = $isDown;
            $this->assertFalse($this->watch->isRaised());
        }

        $this->assertSame(['The cache is down.', 'The cache is down.'], $this->reports->reported);
    }

    public function test_a_flag_from_before_an_outage_at_the_start_is_no_restart(): void
    {
        $this->signal->raise(1);
        $this->cache->isDown = true;
        $this->reports->isBroken = true;
        $this->assertFalse($this->watch->isRaised());

        $this->cache->isDown = false;
        $this->assertFalse($this->watch->isRaised());
        $this->signal->raise(2);
        $this->assertTrue($this->watch->isRaised());
    }
}
