<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use Closure;
use PHPUnit\Framework\TestCase;
use Revurb\Restart\RestartOutcome;
use Revurb\Restart\RestartWait;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeClock;

final class RestartWaitTest extends TestCase
{
    private const FLAG = '100';

    private FakeClock $clock;

    private FakeCache $cache;

    private Servers $servers;

    /** @var list<string> */
    private array $outcomes = [];

    protected function setUp(): void
    {
        $this->clock = new FakeClock;
        $this->cache = new FakeCache;
        $this->servers = new Servers($this->cache);
    }

    /** @param  array<string, mixed>  $changes */
    private function put(string $host, array $changes = []): void
    {
        $server = new RunningServer(4711, 0, '1.0.0', '1.4.5', '/srv', null, null);
        $record = new ServerRecord(ServerRecord::idOf($host, '0.0.0.0:8080'), $host, '0.0.0.0:8080', '/srv', null, 1, 0, 'run', state: ServerRecord::READY, server: $server, seen: (int) $this->clock->time());
        $this->servers->put($record->with($changes));
    }

    private function restart(string $flag = self::FLAG, bool $isHandOver = true): LastRestart
    {
        return new LastRestart($flag, $this->clock->time(), $isHandOver);
    }

    /** @param  array<int, Closure(): mixed>  $events  what happens when the command looks for the nth time */
    private function await(float $seconds, array $events = []): void
    {
        $looks = 0;
        $this->clock->whenSleeping = function () use (&$looks, $events): void {
            ($events[++$looks] ?? fn () => null)();
        };
        $wait = new RestartWait($this->servers, $this->clock);
        $wait->prepare();

        foreach ($wait->outcomes(self::FLAG, $seconds) as $outcome) {
            $this->outcomes[] = "{$outcome->result} {$outcome->record->host} {$outcome->sentence}";
        }
    }

    public function test_each_server_is_reported_as_soon_as_it_has_restarted(): void
    {
        $this->put('web1', ['restart' => new LastRestart('99', 0, true, LastRestart::DONE, null, 9.9, 9)]);
        $this->put('web2');

        $this->await(120, [
            1 => fn () => $this->put('web2', ['restart' => $this->restart()]),
            2 => fn () => $this->put('web2', ['restart' => $this->restart()->done(1, $this->clock->time() + 0.6)]),
            4 => fn () => $this->put('web1', ['restart' => $this->restart()->failed('broken', $this->clock->time() + 1)]),
        ]);

        $this->assertSame([
            'restarted web2 restarted in 0.6 s: 1 connection moved to pid 4711',
            'failed web1 failed after 1 s, and the running server (pid 4711) continues: broken',
        ], $this->outcomes);
        $this->assertSame(6.0, array_sum($this->clock->slept));
    }

    public function test_an_unknown_number_of_moved_connections_is_left_out(): void
    {
        $this->put('web1');
        $this->await(120, [1 => fn () => $this->put('web1', ['restart' => $this->restart()->done(null, $this->clock->time() + 2)])]);

        $this->assertSame(['restarted web1 restarted in 2 s: pid 4711'], $this->outcomes);
    }

    public function test_a_later_restart_covers_an_earlier_flag(): void
    {
        $this->put('web1');
        $this->await(120, [1 => fn () => $this->put('web1', ['restart' => $this->restart('101')->done(3, $this->clock->time() + 2)])]);

        $this->assertSame(['restarted web1 restarted in 2 s: 3 connections moved to pid 4711'], $this->outcomes);
    }

    public function test_a_server_that_its_process_manager_starts_again_is_recognised_by_its_id(): void
    {
        $this->put('web1');
        $this->put('web2');
        $this->await(120, [
            1 => fn () => $this->put('web1', ['state' => ServerRecord::STOPPED, 'exit' => 0, 'server' => null, 'restart' => $this->restart(isHandOver: false)]),
            2 => fn () => $this->put('web1', ['run' => 'next', 'restart' => $this->restart(isHandOver: false)->done(null, $this->clock->time() + 1.5)]),
            // Its record of the stop was lost.
            3 => fn () => $this->put('web2', ['run' => 'next']),
        ]);

        $this->assertSame(['restarted web1 restarted in 1.5 s by its process manager: pid 4711', 'restarted web2 was started again: pid 4711'], $this->outcomes);
    }

    public function test_a_server_that_exits_with_an_error_has_failed(): void
    {
        $this->put('web1');
        $this->put('web2');
        $this->await(120, [
            1 => fn () => $this->put('web1', ['run' => 'next', 'state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 78, 'reason' => 'The port is wrong.']),
            2 => fn () => $this->put('web2', ['state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 0, 'restart' => $this->restart()]),
        ]);

        $this->assertSame(['failed web1 ended with exit code 78: The port is wrong.', 'failed web2 was stopped during the restart'], $this->outcomes);
    }

    public function test_servers_that_have_not_restarted_in_time_are_named_with_their_last_state(): void
    {
        foreach (['web1', 'web2', 'web3', 'web4'] as $host) {
            $this->put($host);
        }

        $this->await(10, [1 => function (): void {
            $this->put('web2', ['restart' => $this->restart()]);
            $this->put('web3', ['state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 0, 'restart' => $this->restart(isHandOver: false)]);
            $this->put('web4', ['restart' => $this->restart()->postponed('It does not listen now.')]);
        }]);

        $this->assertSame([
            'missing web1 has not restarted within 10 s: last seen 10 s ago. Its log says whether it reads the cache store that this command writes',
            'missing web2 has not restarted within 10 s: its restart is in progress, last seen 10 s ago',
            'missing web3 has not restarted within 10 s: it has stopped for the restart, and no process manager has started it again',
            'missing web4 has not restarted within 10 s: It does not listen now.',
        ], $this->outcomes);
    }

    public function test_a_server_with_an_id_of_digits_can_be_missing(): void
    {
        $this->put('web1', ['id' => '1234567890123456']);
        $this->await(10);

        $this->assertStringStartsWith('missing web1 has not restarted within 10 s', $this->outcomes[0]);
    }

    public function test_a_server_without_a_recent_heartbeat_is_missing_and_not_waited_for(): void
    {
        $this->put('web1', ['seen' => (int) $this->clock->time() - 300]);
        $this->put('web2');
        $this->put('web3', ['state' => ServerRecord::STOPPED, 'seen' => (int) $this->clock->time() - 300]);
        $this->await(120, [1 => fn () => $this->put('web2', ['restart' => $this->restart()->done(0, $this->clock->time())])]);

        $this->assertSame([
            'restarted web2 restarted in 0 s: 0 connections moved to pid 4711',
            'missing web1 was not waited for: last seen 306 s ago, and it has not stopped',
        ], $this->outcomes);
    }

    public function test_servers_that_a_cleared_cache_has_lost_are_waited_for(): void
    {
        $this->await(120, [
            10 => fn () => $this->put('web1', ['restart' => $this->restart()]),
            11 => fn () => $this->put('web1', ['restart' => $this->restart()->done(2, $this->clock->time())]),
        ]);

        $this->assertSame(['restarted web1 restarted in 0 s: 2 connections moved to pid 4711'], $this->outcomes);
        $this->assertSame(20.0, array_sum($this->clock->slept));
    }

    public function test_a_server_that_the_cache_has_lost_is_waited_for_beside_a_known_one(): void
    {
        $this->put('web1');
        $this->await(120, [
            1 => fn () => $this->put('web1', ['restart' => $this->restart()->done(0, $this->clock->time())]),
            10 => fn () => $this->put('web2', ['restart' => $this->restart()]),
            20 => fn () => $this->put('web2', ['restart' => $this->restart()->failed('broken', $this->clock->time())]),
        ]);

        $this->assertSame([
            'restarted web1 restarted in 0 s: 0 connections moved to pid 4711',
            'failed web2 failed after 0 s, and the running server (pid 4711) continues: broken',
        ], $this->outcomes);
    }

    public function test_without_a_known_server_the_wait_is_short(): void
    {
        $this->await(120);
        $this->assertSame([], $this->outcomes);
        $this->assertSame(20.0, array_sum($this->clock->slept));
    }

    public function test_a_cache_that_fails_meanwhile_is_read_again(): void
    {
        $this->put('web1');
        $this->await(120, [
            1 => fn () => $this->cache->isDown = true,
            3 => function (): void {
                $this->cache->isDown = false;
                $this->put('web1', ['restart' => $this->restart()->done(2, $this->clock->time())]);
            },
        ]);

        $this->assertCount(1, $this->outcomes);
        $this->assertStringStartsWith(RestartOutcome::RESTARTED, $this->outcomes[0]);
    }
}
