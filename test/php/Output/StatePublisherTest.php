<?php

declare(strict_types=1);

namespace Revurb\Tests\Output;

use PHPUnit\Framework\TestCase;
use Revurb\Output\PublishedReason;
use Revurb\Output\RecordWriter;
use Revurb\Output\StatePublisher;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use RuntimeException;

final class StatePublisherTest extends TestCase
{
    private const READY = ['pid' => 7, 'version' => '1.0.0', 'bun' => '1.4.5'];

    private FakeClock $clock;

    private FakeCache $cache;

    private FakeDisplay $display;

    private Servers $servers;

    protected function setUp(): void
    {
        $this->clock = new FakeClock;
        $this->cache = new FakeCache;
        $this->display = new FakeDisplay;
        $this->servers = new Servers($this->cache);
    }

    private function publisher(?LastRestart $restart = null, bool $isSilent = false): StatePublisher
    {
        $reason = new PublishedReason(fn (string $text): string => str_replace('hush', '********', $text));

        return new StatePublisher(
            $this->clock,
            $this->display,
            new ServerRecord('one', 'web1', '0.0.0.0:8080', '/srv/chat/current', 'app', 1, 0, 'run', restart: $restart),
            new RunningServer(0, 0, '', '', '/srv/chat/releases/1', 'configuration', 'apps'),
            fn (mixed $apps): string => (string) json_encode($apps),
            new RecordWriter($this->servers, $this->clock, $this->display, $reason, 'redis', $isSilent),
            $reason,
        );
    }

    private function published(): ServerRecord
    {
        return $this->servers->find('one') ?? throw new RuntimeException('Nothing is published.');
    }

    public function test_the_record_describes_the_running_server(): void
    {
        $this->publisher()->ready('127.0.0.1:8080', self::READY);

        $this->assertEquals(
            new RunningServer(7, (int) $this->clock->time(), '1.0.0', '1.4.5', '/srv/chat/releases/1', 'configuration', 'apps'),
            $this->published()->server,
        );
        $this->assertSame(['ready', '127.0.0.1:8080', (int) $this->clock->time()], [$this->published()->state, $this->published()->address, $this->published()->seen]);
    }

    public function test_the_number_of_sockets_is_written_every_15_seconds_and_a_change_of_redis_at_once(): void
    {
        $publisher = $this->publisher();
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->status(['sockets' => 0, 'redis' => 'connected']);
        $writes = $this->cache->questions;

        for ($i = 1; $i <= 2; $i++) {
            $this->clock->now += 5;
            $publisher->status(['sockets' => $i, 'redis' => 'connected']);
            $publisher->tick();
        }

        $this->assertSame($writes, $this->cache->questions);
        $this->clock->now += 5;
        $publisher->tick();
        $this->assertSame([2, 'connected'], [$this->published()->server?->sockets, $this->published()->server?->redis]);

        $publisher->status(['sockets' => 3, 'redis' => 'disconnected']);
        $this->assertSame([3, 'disconnected'], [$this->published()->server?->sockets, $this->published()->server?->redis]);
    }

    public function test_the_number_of_sockets_is_written_at_once_in_the_seconds_after_a_restart(): void
    {
        $publisher = $this->publisher(new LastRestart('7', $this->clock->time() - 3.0, true));
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->status(['sockets' => 0, 'redis' => 'connected']);
        $publisher->moved(['sockets' => 1]);
        $publisher->oldServerExited();
        $this->clock->now += 4;
        $publisher->status(['sockets' => 1, 'redis' => 'connected']);
        $this->assertSame(['done', 1], [$this->published()->restart?->outcome, $this->published()->server?->sockets]);

        $this->clock->now += 11;
        $publisher->status(['sockets' => 2, 'redis' => 'connected']);
        $this->assertSame(1, $this->published()->server?->sockets);
    }

    public function test_an_unwritable_cache_is_reported_once_and_tried_every_15_seconds(): void
    {
        $publisher = $this->publisher();
        $this->cache->isReadOnly = true;
        $publisher->ready('127.0.0.1:8080', self::READY);
        $asked = $this->cache->questions;

        foreach (range(1, 5) as $code) {
            $publisher->crashed($code);
        }

        $this->assertSame($asked, $this->cache->questions);
        $this->assertSame(['cache-unwritable'], $this->display->codes);
        $this->assertTrue($this->display->has('The cache store redis cannot be written, so a reverb:restart that runs as this user reaches no server'));
        $this->assertTrue($this->display->has('`php artisan reverb:doctor` shows the fix'));

        $this->clock->now += 15;
        $publisher->tick();
        $this->assertSame(['cache-unwritable'], $this->display->codes);

        $this->cache->isReadOnly = false;
        $this->clock->now += 15;
        $publisher->tick();
        $this->assertSame(['cache-unwritable', 'cache-writable'], $this->display->codes);
        $this->assertSame(5, $this->published()->crashes->count);
    }

    public function test_a_cache_that_fails_slowly_is_tried_for_a_fifth_of_the_time(): void
    {
        $publisher = $this->publisher();
        $this->cache->isDown = true;
        $this->cache->beforeFailing = fn () => $this->clock->now += 60;
        $publisher->ready('127.0.0.1:8080', self::READY);
        $this->cache->isDown = false;
        $publisher->cacheRead(null);
        $asked = $this->cache->questions;

        $this->clock->now += 150;
        $publisher->tick();
        $publisher->crashed(70);
        $this->assertSame($asked, $this->cache->questions);

        $this->clock->now += 90;
        $publisher->tick();
        $this->assertSame(1, $this->published()->crashes->count);
    }

    public function test_a_cache_that_can_neither_be_read_nor_written_is_reported_once(): void
    {
        $publisher = $this->publisher();
        $this->cache->isDown = true;
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->cacheRead('The cache is down.');
        $this->clock->now += 15;
        $publisher->tick();

        $this->assertSame(['cache-unreadable'], $this->display->codes);
        $this->assertTrue($this->display->has('reverb:restart cannot reach this server while that lasts'));

        $this->cache->isDown = false;
        $publisher->cacheRead(null);
        $publisher->cacheRead(null);
        $this->clock->now += 15;
        $publisher->tick();
        $this->assertSame(['cache-unreadable', 'cache-readable'], $this->display->codes);
        $this->assertSame('ready', $this->published()->state);
    }

    public function test_an_unreadable_cache_is_not_written_until_it_can_be_read(): void
    {
        $publisher = $this->publisher();
        $this->cache->isDown = true;
        $publisher->cacheRead('The cache is down.');
        $publisher->starting();
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->tick();
        $publisher->stopped(0);
        $this->assertSame(0, $this->cache->questions);

        $this->cache->isDown = false;
        $publisher->cacheRead(null);
        $publisher->tick();
        $this->assertSame('stopped', $this->published()->state);
        $this->assertSame(['cache-unreadable', 'cache-readable'], $this->display->codes);
    }

    public function test_the_reason_of_a_failure_is_one_line_of_bounded_length_without_secrets(): void
    {
        $publisher = $this->publisher();
        $publisher->restartBegan('7', isHandOver: true);
        $publisher->restartFailed("\n  ERROR  hush is\n wrong ".str_repeat('x', 1000)."\xff");

        $reason = (string) $this->published()->restart?->reason;
        $this->assertStringStartsWith('ERROR ******** is wrong xxx', $reason);
        $this->assertSame(500, mb_strwidth($reason));
    }

    public function test_a_restart_that_is_tried_again_takes_its_time_from_the_first_attempt(): void
    {
        $publisher = $this->publisher();
        $publisher->restartBegan('7', isHandOver: true);
        $publisher->restartPostponed('It does not listen now.');
        $this->assertSame('postponed', $this->published()->restart?->outcome);
        $this->clock->now += 5;
        $publisher->restartBegan('7', isHandOver: true);
        $publisher->restartFailed('broken');

        $this->assertSame(['failed', 5.0], [$this->published()->restart->outcome, $this->published()->restart->seconds]);
    }

    public function test_a_server_that_its_process_manager_has_started_again_has_restarted(): void
    {
        $publisher = $this->publisher(new LastRestart('7', $this->clock->time() - 3.25, false));
        $publisher->starting();
        $publisher->ready('127.0.0.1:8080', self::READY);

        $this->assertSame(['done', 3.3], [$this->published()->restart?->outcome, $this->published()->restart?->seconds]);
        $this->assertTrue($this->display->has('info Restarted in 3.3 s by the process manager: pid 7'));
        $this->assertNull($publisher->flagOfThisRun());
    }

    public function test_a_second_supervisor_on_the_same_port_leaves_the_record_of_the_first_alone(): void
    {
        $this->publisher()->ready('127.0.0.1:8080', self::READY);
        $second = $this->publisher(isSilent: true);
        $second->starting();
        $second->stopped(1);
        $this->assertSame('ready', $this->published()->state);

        $second->ready('127.0.0.1:8080', [...self::READY, 'pid' => 8]);
        $this->assertSame(8, $this->published()->server?->pid);
    }

    public function test_a_clock_that_is_set_back_after_a_restart_does_not_have_each_number_of_sockets_written(): void
    {
        $publisher = $this->publisher((new LastRestart('7', $this->clock->time() + 3600, true))->done(1, $this->clock->time() + 3601));
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->status(['sockets' => 1, 'redis' => 'connected']);
        $writes = $this->cache->questions;
        $publisher->status(['sockets' => 2, 'redis' => 'connected']);

        $this->assertSame($writes, $this->cache->questions);
    }

    public function test_without_an_old_server_no_restart_is_concluded(): void
    {
        $publisher = $this->publisher();
        $publisher->ready('127.0.0.1:8080', self::READY);
        $publisher->moved(['sockets' => 3]);
        $publisher->oldServerExited();
        $this->clock->now += 5;
        $publisher->tick();

        $this->assertSame([], $this->display->lines);
    }
}
