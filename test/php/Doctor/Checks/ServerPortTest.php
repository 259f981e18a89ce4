<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Server;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\FakeNetwork;
use Revurb\Tests\Support\Doctor\ProcTestCase;
use Revurb\Tests\Support\FakeSelfExec;

/**
 * What the check of the server makes of the process that holds its port.
 */
final class ServerPortTest extends ProcTestCase
{
    /** @return array{bool, CheckResult} whether the port is another program's, and what is found of the server */
    private function server(ConnectionError $error): array
    {
        $context = $this->configured();
        $probes = new Probes((new FakeNetwork)->with('http://127.0.0.1:8080', new Unreachable($error)), $context, $this->proc);

        return [$probes->isPortForeign(), (new Server($context, $probes, new FakeSelfExec(true)))->run()];
    }

    public function test_a_bun_that_has_the_port_and_does_not_answer_is_a_server(): void
    {
        $this->listening('');
        [$isForeign, $result] = $this->server(ConnectionError::Silent);

        $this->assertFalse($isForeign);
        $this->assertFound(Status::Problem, 'has the port and does not answer', 'reverb:restart', $result);
    }

    #[TestWith([ConnectionError::Silent])]
    #[TestWith([ConnectionError::Encrypted])]
    #[TestWith([ConnectionError::NoHttp])]
    public function test_another_program_that_has_the_port_is_no_server(ConnectionError $error): void
    {
        $this->listening('');
        $this->write('41/comm', "node\n");
        [$isForeign, $result] = $this->server($error);

        $this->assertTrue($isForeign);
        $this->assertFound(Status::Hint, 'another program has its port', 'See port.', $result);
    }

    public function test_a_port_without_a_listener_is_not_that_of_another_program(): void
    {
        [$isForeign, $result] = $this->server(ConnectionError::Refused);

        $this->assertFalse($isForeign);
        $this->assertFound(Status::Problem, 'not running', 'reverb:start', $result);
    }
}
