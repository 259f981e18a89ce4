<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Contracts\Cache\Factory;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Overrides;
use Revurb\Console\StatePublisherFactory;
use Revurb\Output\StatePublisher;
use Revurb\Restart\HandoffState;
use Revurb\Status\RestartFlag;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\Clock;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use RuntimeException;

/**
 * `reverb:status` and `reverb:restart --wait`, with what supervisors have published.
 */
final class ShowStatusTest extends AppTestCase
{
    private FakeClock $clock;

    protected function setUp(): void
    {
        parent::setUp();
        $this->clock = new FakeClock;
        $this->application()->instance(Clock::class, $this->clock);
    }

    /** One that serves on the current configuration. */
    private function serving(Overrides $overrides = new Overrides, ?HandoffState $handoff = null): StatePublisher
    {
        $publisher = $this->make(StatePublisherFactory::class)->of($this->make(DocumentBuilder::class)->build($overrides), $overrides, new FakeDisplay, $handoff);
        $publisher->starting();
        $publisher->ready('0.0.0.0:8080', ['pid' => 4711, 'version' => '1.0.0', 'bun' => '1.4.5']);
        $publisher->status(['sockets' => 240, 'redis' => 'unused']);
        $this->clock->now += 15;
        $publisher->tick();

        return $publisher;
    }

    /** @return array{int, array<string, mixed>, string} exit code, content and verdict of the JSON form */
    private function published(): array
    {
        [$code, $output] = $this->artisanCall('reverb:status', ['--json' => true]);
        $content = json_decode($output, true);
        $this->assertIsArray($content);
        $this->assertSame(1, substr_count($output, "\n"));

        return [$code, $content, $content['verdict']];
    }

    /** @return list<string> the codes of the faults of the only server */
    private function faults(): array
    {
        [, $content] = $this->published();
        $this->assertIsArray($content['servers']);
        $this->assertCount(1, $content['servers']);

        return array_column($content['servers'][0]['faults'], 'code');
    }

    public function test_everything_that_is_published_of_a_server_is_shown(): void
    {
        $this->serving();

        [$code, $content, $verdict] = $this->published();
        $this->assertSame([0, 'healthy'], [$code, $verdict]);
        $this->assertIsArray($content['servers']);
        $server = $content['servers'][0];
        $this->assertSame([gethostname(), '0.0.0.0:8080', 'ready', true, []], [$server['host'], $server['address'], $server['state'], $server['current'], $server['faults']]);
        $this->assertSame([4711, '1.0.0', '1.4.5', realpath($this->base), 240, 'unused'], [$server['server']['pid'], $server['server']['revurb'], $server['server']['bun'], realpath($server['server']['release']), $server['server']['sockets'], $server['server']['redis']]);

        [$code, $output] = $this->artisanCall('reverb:status');
        $this->assertSame(0, $code);

        foreach ([gethostname().' 0.0.0.0:8080', 'Revurb 1.0.0, Bun 1.4.5', 'pid 4711', '240', 'unused', 'current', 'Last restart', 'none', 'Healthy.'] as $text) {
            $this->assertStringContainsString((string) $text, $output);
        }
    }

    public function test_no_secret_is_published(): void
    {
        $this->serving(new Overrides(port: '9000'));

        $json = $this->make(Factory::class)->store()->get(Servers::ENTRY.$this->make(Servers::class)->all()[0]->id);
        $this->assertIsString($json);
        $this->assertStringContainsString('"options":{"port":"9000"}', $json);
        $this->assertDoesNotMatchRegularExpression('/the-secret|the-key|MDEyMzQ1Njc4/', $json);
    }

    #[TestWith(['reverb.servers.reverb.max_request_size', 20_000])]
    #[TestWith(['reverb.apps.apps.0.secret', 'another-secret'])]
    #[TestWith(['app.key', 'base64:b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q='])]
    public function test_a_changed_configuration_is_named_with_the_fix(string $key, mixed $value): void
    {
        $this->serving();
        $this->configure([$key => $value]);

        [$code, $output] = $this->artisanCall('reverb:status');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('not the current one', $output);
        $this->assertStringContainsString('→ php artisan reverb:restart', $output);
        $this->assertSame(['stale'], $this->faults());
    }

    public function test_a_changed_address_needs_a_stop_and_a_start(): void
    {
        $this->serving();
        $this->configure(['reverb.servers.reverb.host' => '127.0.0.1']);

        $output = $this->artisanCall('reverb:status')[1];

        $this->assertStringContainsString('It listens on 0.0.0.0:8080, and the configuration has 127.0.0.1:8080.', $output);
        $this->assertStringContainsString('→ Stop this server (pid ', $output);
        $this->assertSame(['stale'], $this->faults());
    }

    public function test_the_options_of_the_command_line_are_no_change(): void
    {
        $this->serving(new Overrides(port: '9000', debug: true));

        $this->assertSame([], $this->faults());
        $this->assertStringContainsString('--port=9000 --debug', $this->artisanCall('reverb:status')[1]);
    }

    public function test_another_configuration_on_another_machine_is_not_judged(): void
    {
        $this->serving();
        $servers = $this->make(Servers::class);
        $servers->put($servers->all()[0]->with(['host' => 'elsewhere']));
        $this->assertTrue($this->published()[1]['servers'][0]['current'] ?? null);

        $this->configure(['reverb.servers.reverb.max_request_size' => 20_000]);
        $this->assertSame([], $this->faults());
        $this->assertStringContainsString('cannot be compared here', $this->artisanCall('reverb:status')[1]);
    }

    public function test_a_restart_that_failed_is_named_with_its_reason(): void
    {
        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: true);
        $this->clock->now += 2;
        $publisher->restartFailed('ERROR <b>the release</b> is broken');

        $this->assertSame(['restart-failed'], $this->faults());
        [$code, $output] = $this->artisanCall('reverb:status');
        $this->assertSame(1, $code);
        $this->assertStringContainsString('failed after 2 s', $output);
        $this->assertStringContainsString('ERROR <b>the release</b> is broken', $output);
    }

    public function test_a_killed_server_is_gone(): void
    {
        $this->serving();
        $this->clock->now += 91;

        $this->assertSame(['gone'], $this->faults());
        $this->assertSame([1, 'broken'], [$this->published()[0], $this->published()[2]]);
        $this->assertStringContainsString('gone', $this->artisanCall('reverb:status')[1]);
    }

    public function test_what_a_server_had_when_it_was_last_seen_is_not_shown_as_current(): void
    {
        $publisher = $this->serving();
        $publisher->status(['sockets' => 240, 'redis' => 'connected']);
        $publisher->restartBegan('7', isHandOver: true);
        $this->assertMatchesRegularExpression('/Redis \.+ connected\b(?! when)/', $this->artisanCall('reverb:status')[1]);
        $this->clock->now += 91;

        $output = $this->artisanCall('reverb:status')[1];
        $this->assertMatchesRegularExpression('/Connections \.+ 240 when last seen\b/', $output);
        $this->assertMatchesRegularExpression('/Redis \.+ connected when last seen\b/', $output);
        $this->assertMatchesRegularExpression('/Last restart \.+ not completed, begun/', $output);
        $this->assertMatchesRegularExpression('/Server \.+ pid 4711, started at /', $output);
        $this->assertStringNotContainsString('up since', $output);
        $this->assertStringNotContainsString('Configuration', $output);
    }

    public function test_a_restart_during_which_a_server_was_stopped_is_not_completed(): void
    {
        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: true);
        $publisher->stopped(0);

        $this->assertMatchesRegularExpression('/Last restart \.+ not completed, begun/', $this->artisanCall('reverb:status')[1]);
    }

    #[TestWith([1, '1 connection moved'])]
    #[TestWith([2, '2 connections moved'])]
    public function test_the_connections_that_a_restart_has_moved_are_counted(int $moved, string $text): void
    {
        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: true);
        $publisher->moved(['sockets' => $moved]);
        $publisher->oldServerExited();

        $this->assertStringContainsString($text, $this->artisanCall('reverb:status')[1]);
    }

    public function test_a_stopped_server_is_a_problem_only_if_no_other_one_runs(): void
    {
        $publisher = $this->serving();
        $publisher->stopped(0);
        $this->assertSame([[], 1], [$this->faults(), $this->published()[0]]);

        $this->serving(new Overrides(port: '9000'));
        $this->assertSame([0, 'healthy'], [$this->published()[0], $this->published()[2]]);
    }

    public function test_a_server_that_was_not_started_again_after_a_restart_is_a_problem(): void
    {
        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: false);
        $publisher->stopped(0);

        $this->assertSame(['not-started-again'], $this->faults());
    }

    public function test_the_next_process_that_a_process_manager_starts_completes_the_restart(): void
    {
        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: false);
        $publisher->stopped(0);
        $this->clock->now += 2;
        $this->serving();

        $this->assertSame([], $this->faults());
        $this->assertSame('done', $this->make(Servers::class)->all()[0]->restart?->outcome);
    }

    public function test_a_failed_start_is_the_reason_of_a_failed_restart(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun/of/the-secret']);
        $this->assertSame(1, $this->artisanCall('reverb:start')[0]);
        $this->assertSame([], $this->make(Servers::class)->all());

        $publisher = $this->serving();
        $publisher->restartBegan('7', isHandOver: false);
        $publisher->stopped(0);
        $this->assertSame(1, $this->artisanCall('reverb:start', ['--check' => true])[0]);
        $this->assertSame(['not-started-again'], $this->faults());
        $this->assertSame(1, $this->artisanCall('reverb:start')[0]);

        $this->assertSame(['failed'], $this->faults());
        $record = $this->make(Servers::class)->all()[0];
        $this->assertSame(['failed', 1], [$record->restart?->outcome, $record->exit]);
        $this->assertStringContainsString('/no/such/bun/of/********', (string) $record->reason);
    }

    public function test_a_hand_over_keeps_the_record(): void
    {
        $publisher = $this->serving();
        $publisher->crashed(70);
        $publisher->restartBegan('7', isHandOver: true);
        $before = $publisher->record();
        $this->configure(['reverb.servers.reverb.port' => '9000']);
        $this->serving(handoff: new HandoffState(1, '0.0.0.0:8080', '/p', 1.0, $before->toArray()));

        $after = $this->make(Servers::class)->all();
        $this->assertCount(1, $after);
        $this->assertSame([$before->id, $before->run, $before->since, 1, '7'], [$after[0]->id, $after[0]->run, $after[0]->since, $after[0]->crashes->count, $after[0]->restart?->flag]);
    }

    public function test_crashes_of_the_last_hour_are_a_warning(): void
    {
        $publisher = $this->serving();
        $publisher->crashed(137);
        $publisher->ready('0.0.0.0:8080', ['pid' => 4712]);

        $this->assertSame(['crashed'], $this->faults());
        $this->assertSame([0, 'warnings'], [$this->published()[0], $this->published()[2]]);

        $this->clock->now += 3600;
        $publisher->tick();
        $this->assertSame([], $this->faults());
    }

    public function test_an_unreachable_or_slow_redis_is_a_problem(): void
    {
        $server = $this->serving();
        foreach (['disconnected' => ['redis'], 'slow' => ['redis-slow'], 'connected' => []] as $redis => $faults) {
            $server->status(['sockets' => 1, 'redis' => $redis]);

            $this->assertSame($faults, $this->faults());
            $this->assertSame($faults === [] ? 0 : 1, $this->published()[0]);
        }
    }

    public function test_without_a_server_it_names_the_command_that_starts_one(): void
    {
        [$code, $output] = $this->artisanCall('reverb:status');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('php artisan reverb:start', $output);
        $this->assertSame([1, ['verdict' => 'broken', 'servers' => []], 'broken'], $this->published());
    }

    public function test_a_cache_that_cannot_be_read_is_reported(): void
    {
        $cache = new FakeCache;
        $cache->isDown = true;
        $this->application()->instance(Factory::class, $cache);

        foreach (['reverb:status' => 1, 'reverb:restart' => 2] as $command => $expected) {
            [$code, $output] = $this->artisanCall($command, $command === 'reverb:restart' ? ['--wait' => true] : []);
            $this->assertSame($expected, $code);
            $this->assertStringContainsString('The cache is down.', $output);
            $this->assertStringContainsString('reverb:doctor', $output);
        }

        $this->assertSame('broken', $this->published()[2]);
    }

    /** @param  array<string, bool>  $options */
    #[TestWith(['reverb:status', []])]
    #[TestWith(['reverb:restart', ['--wait' => true]])]
    public function test_the_reason_that_a_cache_cannot_be_read_is_one_sentence(string $command, array $options): void
    {
        $factory = $this->createMock(Factory::class);
        $factory->method('store')->willThrowException(new RuntimeException("failed. OpenSSL Error messages:\nerror:0A000086:SSL routines"));
        $this->application()->instance(Factory::class, $factory);

        $output = (string) preg_replace('/\s+/', ' ', $this->artisanCall($command, $options)[1]);

        $this->assertStringContainsString('failed. OpenSSL Error messages: error:0A000086:SSL routines. `php artisan reverb:doctor` shows the fix.', $output);
    }

    public function test_restart_waits_for_every_server_and_its_exit_code_is_the_outcome(): void
    {
        $good = $this->serving();
        $bad = $this->serving(new Overrides(port: '9000'));
        $flag = 0;
        $this->clock->whenSleeping = function () use ($good, $bad, &$flag): void {
            if ($flag !== 0) {
                return;
            }

            $flag = (string) $this->make(RestartFlag::class)->read();
            $good->restartBegan($flag, isHandOver: true);
            $good->moved(['sockets' => 240]);
            $good->oldServerExited();
            $bad->restartBegan($flag, isHandOver: true);
            $bad->restartFailed('broken');
        };

        [$code, $output] = $this->artisanCall('reverb:restart', ['--wait' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('Broadcasting Reverb restart signal.', $output);
        $this->assertMatchesRegularExpression('/✓ \S+ 0\.0\.0\.0:8080 restarted in 0 s: 240 connections moved to pid 4711/', $output);
        $this->assertMatchesRegularExpression('/✗ \S+ 0\.0\.0\.0:8080 failed after 0 s, and the running server \(pid 4711\) continues: broken/', $output);

        $bad->stopped(0);
        $flag = 0;
        $this->clock->whenSleeping = function () use ($good): void {
            $good->restartBegan((string) $this->make(RestartFlag::class)->read(), isHandOver: true);
            $good->moved(['sockets' => 1]);
            $good->oldServerExited();
        };
        $this->assertSame(0, $this->artisanCall('reverb:restart', ['--wait' => true])[0]);

        $this->clock->whenSleeping = null;
        [$code, $output] = $this->artisanCall('reverb:restart', ['--wait' => true, '--timeout' => '3']);
        $this->assertSame(2, $code);
        $this->assertMatchesRegularExpression('/\? \S+ 0\.0\.0\.0:8080 has not restarted within 3 s: last seen \d+ s ago/', $output);
    }

    public function test_restart_without_a_server_names_the_command_that_starts_one(): void
    {
        [$code, $output] = $this->artisanCall('reverb:restart', ['--wait' => true]);

        $this->assertSame(2, $code);
        $this->assertStringContainsString('has no record of a running server. Start one with `php artisan reverb:start`', (string) preg_replace('/\s+/', ' ', $output));
    }

    #[TestWith(['soon'])]
    #[TestWith(['-1'])]
    public function test_an_invalid_timeout_is_rejected_before_anything_is_restarted(string $timeout): void
    {
        $this->assertSame(2, $this->artisanCall('reverb:restart', ['--wait' => true, '--timeout' => $timeout])[0]);
        $this->assertNull($this->make(RestartFlag::class)->read());
    }

    public function test_two_restarts_in_one_second_raise_two_flags(): void
    {
        $signal = $this->make(RestartFlag::class);

        $this->assertSame(['50', '51', '60'], [$signal->raise(50), $signal->raise(50), $signal->raise(60)]);
    }

    public function test_markup_in_a_forged_record_is_shown_as_text(): void
    {
        $this->make(Servers::class)->put(new ServerRecord('x', "web\e[31m", '<fg=red>0.0.0.0:1</>', '/srv', null, 1, 0, 'run', seen: (int) $this->clock->time()));

        $output = $this->artisanCall('reverb:status')[1];
        $this->assertStringNotContainsString("\e[31m", $output);
        $this->assertStringContainsString('<fg=red>0.0.0.0:1</>', $output);
    }
}
