<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Process\Predecessor;

final class PredecessorTest extends TestCase
{
    /** @var list<resource> */
    private array $processes = [];

    protected function tearDown(): void
    {
        foreach ($this->processes as $process) {
            @proc_terminate($process, SIGKILL);
        }
    }

    private function child(string $script): Predecessor
    {
        $process = proc_open(['sh', '-c', $script], [1 => ['pipe', 'w']], $pipes);
        $this->assertNotFalse($process);
        $this->processes[] = $process;
        $this->assertSame("ready\n", fgets($pipes[1]));
        $predecessor = Predecessor::of(proc_get_status($process)['pid']);
        $this->assertNotNull($predecessor);

        return $predecessor;
    }

    private function exitCode(Predecessor $predecessor): ?int
    {
        for ($i = 0; $i < 50 && $predecessor->exitCode() === null; $i++) {
            $predecessor->wait(0.1);
        }

        return $predecessor->exitCode();
    }

    public function test_it_is_told_to_drain_by_a_signal_that_is_not_counted(): void
    {
        $predecessor = $this->child('trap "exit 7" USR2; echo ready; while :; do sleep 0.05; done');
        $predecessor->wait(0.0);
        $this->assertNull($predecessor->exitCode());

        $predecessor->drain();

        $this->assertSame(7, $this->exitCode($predecessor));
    }

    public function test_it_is_ended(): void
    {
        $predecessor = $this->child('echo ready; exec sleep 30');
        $predecessor->kill();

        $this->assertSame(137, $this->exitCode($predecessor));
        $predecessor->kill();
    }

    public function test_it_hears_and_says_nothing(): void
    {
        $predecessor = $this->child('echo ready; exec sleep 30');

        $this->assertFalse($predecessor->write('x'));
        $this->assertSame([], $predecessor->wait(0.0));
        $this->assertGreaterThan(1, $predecessor->handOver('/p'));
    }

    #[TestWith([-1])]
    #[TestWith([0])]
    #[TestWith([1])]
    #[TestWith([4194304])]
    public function test_somebody_elses_process_is_none(int $pid): void
    {
        $this->assertNull(Predecessor::of($pid));
        $this->assertNull(Predecessor::of((int) getmypid()));
    }
}
