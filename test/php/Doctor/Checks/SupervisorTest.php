<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bridge\Fingerprint;
use Revurb\Doctor\Code;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Status\Crashes;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\Clock;
use Revurb\Tests\Support\Doctor\FakeNetwork;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;
use Revurb\Tests\Support\FakeClock;

final class SupervisorTest extends LocalServerTestCase
{
    private FakeClock $clock;

    protected function setUp(): void
    {
        parent::setUp();

        $this->clock = new FakeClock;
        $this->application()->instance(Clock::class, $this->clock);
    }

    private function now(): int
    {
        return (int) $this->clock->time();
    }

    /** @param  array<string, mixed>  $changes  of what a supervisor publishes that serves well */
    private function published(array $changes = []): void
    {
        $server = new RunningServer(41, $this->now(), '1.0', '1.4.5', $this->base, null, null, 3, 'unused');
        $record = new ServerRecord('id', (string) gethostname(), '127.0.0.1:8080', $this->base, null, 40, $this->now(), 'run', [], ServerRecord::READY, $server, seen: $this->now());
        $this->make(Servers::class)->put($record->with($changes));
    }

    public function test_a_missing_record_of_a_supervisor_is_ok(): void
    {
        $this->assertSame('none has published its state on this machine', $this->found('supervisor')->subject);
    }

    public function test_a_healthy_supervisor_is_ok(): void
    {
        $this->published(['restart' => (new LastRestart('flag', $this->clock->time() - 2.0, true))->done(3, $this->clock->time())]);

        $this->assertSame("pid 40, {$this->base}, last restart took 2 s", $this->found('supervisor')->subject);
    }

    /** @param  array<string, mixed>  $changes */
    private function publishedHere(array $changes): void
    {
        $this->published(['application' => $this->make(Fingerprint::class)->ofApplication(), 'server' => new RunningServer(41, $this->now(), '1.0', '1.4.5', $this->base, 'another', 'another', 3, 'unused'), ...$changes]);
    }

    public function test_a_server_that_listens_on_another_host_has_to_be_stopped_and_started(): void
    {
        $this->configure(['reverb.servers.reverb.host' => '127.0.0.1']);
        $this->publishedHere(['address' => '0.0.0.0:8080', 'restart' => (new LastRestart('flag', $this->clock->time(), true))->failed('The port is in use', $this->clock->time())]);

        $this->assertFound(Status::Warning, Code::SupervisorStale, 'It listens on 0.0.0.0:8080, and the configuration has 127.0.0.1:8080.', 'Stop this server (pid 40) and start it again', $this->found('supervisor'));
    }

    public function test_a_server_that_listens_on_another_port_has_to_be_stopped_and_started(): void
    {
        $this->configure(['reverb.servers.reverb.host' => '[::]', 'reverb.servers.reverb.port' => '9000']);
        $this->publishedHere([]);

        $this->assertFound(Status::Warning, Code::SupervisorStale, 'It listens on 127.0.0.1:8080, and the configuration has [::]:9000.', 'Stop this server (pid 40) and start it again', $this->found('supervisor'));
    }

    public function test_a_server_that_is_gone_is_a_hint_wherever_it_listened(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->configure(['reverb.servers.reverb.host' => '127.0.0.1', 'reverb.servers.reverb.port' => '8080']);
        $this->publishedHere(['address' => '0.0.0.0:8080', 'seen' => $this->now() - 200]);

        $this->assertFound(Status::Hint, Code::SupervisorGone, 'It was last seen 200 s ago', 'reverb:start', $this->found('supervisor'));
    }

    #[TestWith(['127.0.0.1'])]
    #[TestWith(['tcp://127.0.0.1'])]
    #[TestWith(['localhost'])]
    // Of two dots in a row no name server is asked.
    #[TestWith(['no-such-name..invalid'])]
    public function test_a_supervisor_on_another_configuration_is_a_warning(string $host): void
    {
        $this->application()->instance(Network::class, FakeNetwork::healthy("http://{$host}:8080")->with('http://127.0.0.1:8080/up', new Reply(200, [], '{"health":"OK"}')));
        $this->configure(['reverb.servers.reverb.host' => $host]);
        $this->publishedHere([]);

        $this->assertFound(Status::Warning, Code::SupervisorStale, 'another configuration', 'php artisan reverb:restart', $this->found('supervisor'));
    }

    public function test_a_server_that_listens_elsewhere_by_its_options_is_not_judged_here(): void
    {
        $this->publishedHere(['address' => '127.0.0.1:9000', 'options' => ['host' => '127.0.0.1', 'port' => '9000']]);

        $this->assertSame('none has published its state on this machine', $this->found('supervisor')->subject);
    }

    public function test_a_failed_restart_and_a_crash_are_warnings(): void
    {
        $this->published(['restart' => (new LastRestart('flag', $this->clock->time(), true))->failed('Bun is gone', $this->clock->time())]);
        $this->assertFound(Status::Warning, Code::SupervisorRestartFailed, 'Bun is gone', 'reverb:restart --wait', $this->found('supervisor'));

        $this->published(['crashes' => new Crashes(2, $this->now(), 139)]);
        $this->assertFound(Status::Warning, Code::SupervisorCrashed, 'crashed 2 times', 'See its log', $this->found('supervisor'));
    }

    public function test_a_supervisor_that_does_not_reach_the_redis_of_scaling_is_a_problem(): void
    {
        $this->published(['server' => new RunningServer(41, $this->now(), '1.0', '1.4.5', $this->base, null, null, 3, 'disconnected')]);

        $this->assertFound(Status::Problem, Code::SupervisorRedis, 'does not reach the Redis', 'Redis answers this command', $this->found('supervisor'));

        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => '/run/redis.sock']]]);
        $this->assertFound(Status::Hint, Code::SupervisorRedis, 'does not reach the Redis', 'See redis.', $this->found('supervisor'));
    }

    public function test_a_slow_redis_of_scaling_is_a_warning(): void
    {
        $this->published(['server' => new RunningServer(41, $this->now(), '1.0', '1.4.5', $this->base, null, null, 3, 'slow')]);

        $this->assertFound(Status::Warning, Code::SupervisorRedisSlow, 'Redis of scaling is slow', 'redis-cli --latency', $this->found('supervisor'));
    }

    public function test_the_reason_of_a_server_that_does_not_run_is_a_hint_beside_the_problem(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->published(['state' => ServerRecord::STOPPED, 'exit' => 78, 'reason' => 'servers.reverb.port must be a number']);

        $this->assertFound(Status::Hint, Code::SupervisorFailed, 'exit code 78: servers.reverb.port', 'See its log', $this->found('supervisor'));
        $this->assertSame(Code::ServerNotRunning, $this->found('server')->code);
    }

    public function test_a_supervisor_that_was_stopped_is_a_hint_beside_the_server_that_does_not_run(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->published(['state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 0]);

        $this->assertFound(Status::Hint, Code::ServerNotRunning, 'It was stopped, and no other has started since.', 'See server.', $this->found('supervisor'));
    }

    public function test_a_server_that_runs_after_its_supervisor_was_stopped_is_another_one(): void
    {
        $this->published(['state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 0]);

        $this->assertSame("none of the running server; the last one (pid 40, {$this->base}) was stopped", $this->found('supervisor')->subject);
        $this->assertSame(Status::Ok, $this->found('supervisor')->status);
    }

    public function test_a_supervisor_of_another_machine_or_port_is_not_judged_here(): void
    {
        $this->published(['host' => 'elsewhere', 'crashes' => new Crashes(2, $this->now(), 139)]);
        $this->assertSame(Status::Ok, $this->found('supervisor')->status);

        $this->published(['address' => '127.0.0.1:6001', 'crashes' => new Crashes(2, $this->now(), 139)]);
        $this->assertSame(Status::Ok, $this->found('supervisor')->status);
    }

    public function test_of_two_supervisors_with_the_same_port_the_later_record_is_judged(): void
    {
        $this->published(['id' => 'earlier', 'address' => '0.0.0.0:8080', 'state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 77, 'seen' => $this->now() - 60]);
        $this->published();

        $this->assertSame(Status::Ok, $this->found('supervisor')->status);
    }

    public function test_without_a_readable_cache_the_state_is_not_read(): void
    {
        $this->configure(['cache.default' => 'nowhere']);

        $this->assertFound(Status::Hint, Code::NotJudged, 'Not read', 'See cache.', $this->found('supervisor'));
    }
}
