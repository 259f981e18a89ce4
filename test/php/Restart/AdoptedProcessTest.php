<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Restart\AdoptedProcess;

final class AdoptedProcessTest extends TestCase
{
    /** @var list<resource> */
    private array $processes = [];

    protected function tearDown(): void
    {
        foreach ($this->processes as $process) {
            @proc_terminate($process, SIGKILL);
        }
    }

    private function child(string $script): AdoptedProcess
    {
        $process = proc_open(['sh', '-c', $script], [1 => ['pipe', 'w']], $pipes);
        $this->assertNotFalse($process);
        $this->processes[] = $process;
        $this->assertSame("ready\n", fgets($pipes[1]));
        $oldServer = AdoptedProcess::of(proc_get_status($process)['pid']);
        $this->assertNotNull($oldServer);

        return $oldServer;
    }

    private function exitCode(AdoptedProcess $oldServer): ?int
    {
        for ($i = 0; $i < 50 && $oldServer->exitCode() === null; $i++) {
            $oldServer->wait(0.1);
        }

        return $oldServer->exitCode();
    }

    public function test_an_adopted_server_drains_on_sigusr2(): void
    {
        $oldServer = $this->child('trap "exit 7" USR2; echo ready; while :; do sleep 0.05; done');
        $oldServer->wait(0.0);
        $this->assertNull($oldServer->exitCode());

        $oldServer->drain();

        $this->assertSame(7, $this->exitCode($oldServer));
    }

    public function test_an_adopted_server_can_be_killed(): void
    {
        $oldServer = $this->child('echo ready; exec sleep 30');
        $oldServer->kill();

        $this->assertSame(137, $this->exitCode($oldServer));
        $oldServer->kill();
    }

    public function test_an_adopted_server_has_no_output(): void
    {
        $oldServer = $this->child('echo ready; exec sleep 30');

        $this->assertSame([], $oldServer->wait(0.0));
    }

    #[TestWith([-1])]
    #[TestWith([0])]
    #[TestWith([1])]
    #[TestWith([4194304])]
    public function test_a_process_that_is_no_child_is_not_adopted(int $pid): void
    {
        $this->assertNull(AdoptedProcess::of($pid));
        $this->assertNull(AdoptedProcess::of((int) getmypid()));
    }
}
