<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Illuminate\Filesystem\Filesystem;
use Revurb\Doctor\ListeningProcess;
use Revurb\Tests\Support\Doctor\ProcTestCase;

final class ListeningProcessTest extends ProcTestCase
{
    public function test_the_process_that_listens_on_a_port_is_found(): void
    {
        $this->listening('');

        $listener = ListeningProcess::on(8080, $this->proc);

        $this->assertSame(41, $listener?->pid);
        $this->assertSame('bun', $listener->name);
        $this->assertNull(ListeningProcess::on(9999, $this->proc));
    }

    public function test_of_several_processes_that_hold_the_socket_the_oldest_is_found(): void
    {
        $this->listening('');

        foreach ([39 => ['sleep', 900], 41 => ['bun.exe', 901], 2000 => ['bun (1) x', 700]] as $pid => [$name, $start]) {
            $this->write("{$pid}/comm", "{$name}\n");
            $this->write("{$pid}/stat", "{$pid} ({$name}) S ".str_repeat('0 ', 18)."{$start} 1 2\n");
            (new Filesystem)->ensureDirectoryExists("{$this->proc}/{$pid}/fd");
            @symlink('socket:[333]', "{$this->proc}/{$pid}/fd/7");
        }

        $listener = ListeningProcess::on(8080, $this->proc);

        $this->assertSame([2000, 'bun (1) x'], [$listener?->pid, $listener?->name]);
        $this->assertTrue($listener?->isBun());
    }
}
