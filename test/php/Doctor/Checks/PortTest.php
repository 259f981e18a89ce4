<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class PortTest extends DoctorAppTestCase
{
    public function test_a_free_port_is_ok_and_a_taken_one_a_problem(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->assertNotFalse($socket);
        $name = (string) stream_socket_get_name($socket, false);
        $this->configure(['reverb.servers.reverb.port' => substr($name, (int) strrpos($name, ':') + 1)]);

        $this->assertFound(Status::Problem, 'Another program', '.env, a new line: REVERB_SERVER_PORT=', $this->found('port'));
        fclose($socket);
        $this->assertSame(Status::Ok, $this->found('port')->status);
    }

    public function test_a_port_is_not_needed_if_the_server_is_on_another_machine(): void
    {
        $this->application()->instance(Network::class, FakeNetwork::healthy('http://chat.test:80')->with('http://127.0.0.1:8080', new Reply(200, [], '<html>')));

        $this->assertStringContainsString('not needed', $this->found('port')->subject);
        $this->assertSame(Status::Ok, $this->found('port')->status);
        $this->assertStringContainsString('not on this machine', $this->found('server')->subject);
    }

    #[TestWith(['80a'])]
    #[TestWith(['eighty'])]
    #[TestWith(['70000'])]
    #[TestWith([-1])]
    public function test_an_invalid_port_is_a_problem(int|string $port): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->configure(['reverb.servers.reverb.port' => $port]);

        $this->assertFound(Status::Problem, 'is no port.', 'REVERB_SERVER_PORT=8080', $this->found('port'));
    }

    /** It wins over .env, so that no line of it would change anything. */
    public function test_an_option_is_what_has_to_be_changed_if_it_was_given(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->write(['REVERB_SERVER_HOST=0.0.0.0', 'REVERB_SERVER_PORT=8080']);
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->assertNotFalse($socket);
        $port = substr($name = (string) stream_socket_get_name($socket, false), (int) strrpos($name, ':') + 1);

        $this->assertFound(Status::Problem, 'is no port.', '--port=8080 or no --port', $this->found('port', new Overrides(port: '0')));
        $this->assertFound(Status::Problem, 'Another program', 'End it, or --port=', $this->found('port', new Overrides(port: $port)));
        $this->assertFound(Status::Problem, 'no address of this machine', '--host=0.0.0.0 or no --host', $this->found('port', new Overrides(host: '203.0.113.7')));
        fclose($socket);
    }

    public function test_a_host_of_another_machine_is_a_problem(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->configure(['reverb.servers.reverb.host' => '203.0.113.7']);

        $this->assertFound(Status::Problem, '203.0.113.7 is no address of this machine', 'REVERB_SERVER_HOST=0.0.0.0', $this->found('port'));
    }
}
