<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Descriptors;
use Revurb\Doctor\Checks\Kernel;
use Revurb\Doctor\Checks\Server;
use Revurb\Doctor\ListeningProcess;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;

/**
 * What /proc says, out of a folder that looks like it.
 */
final class SystemTest extends DoctorTestCase
{
    private string $proc;

    protected function setUp(): void
    {
        $this->proc = sys_get_temp_dir().'/revurb-proc-'.bin2hex(random_bytes(6));
        mkdir($this->proc);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->proc);
    }

    private function write(string $file, string $text): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname("{$this->proc}/{$file}"));
        file_put_contents("{$this->proc}/{$file}", $text);
    }

    private function limits(string $soft): string
    {
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
            ."Max processes             4000                 4000                 processes \n"
            ."Max open files            {$soft}                 524288               files     \n";
    }

    /** A process that listens on 8080. */
    private function listening(string $limits): void
    {
        $this->write('net/tcp', "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            ."   0: 0100007F:1F90 0100007F:CFFE 01 00000000:00000000 00:00000000 00000000     0        0 111 1\n"
            ."   1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n");
        $this->write('net/tcp6', "  sl  local_address\n"
            ."   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n");
        $this->write('40/comm', "nginx\n");
        $this->write('41/comm', "bun\n");
        $this->write('41/limits', $limits);
        mkdir("{$this->proc}/40/fd");
        mkdir("{$this->proc}/41/fd");
        symlink('socket:[111]', "{$this->proc}/40/fd/3");
        symlink('socket:[222]', "{$this->proc}/40/fd/4");
        symlink('/dev/null', "{$this->proc}/41/fd/0");
        symlink('socket:[333]', "{$this->proc}/41/fd/7");
    }

    public function test_who_listens(): void
    {
        $this->listening('');

        $listener = ListeningProcess::on(8080, $this->proc);

        $this->assertSame(41, $listener?->pid);
        $this->assertSame('bun', $listener->name);
        $this->assertNull(ListeningProcess::on(9999, $this->proc));
    }

    public function test_of_several_that_hold_the_socket_the_oldest_listens(): void
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

    /** @return array{bool, CheckResult} whether the port is another program's, and what is found of the server */
    private function server(ConnectionError $error): array
    {
        $context = $this->configured();
        $probes = new Probes((new FakeNetwork)->with('http://127.0.0.1:8080', new Unreachable($error)), $context, $this->proc);

        return [$probes->isPortForeign(), (new Server($context, $probes))->run()];
    }

    public function test_a_server_that_has_the_port_and_does_not_answer(): void
    {
        $this->listening('');
        [$isForeign, $result] = $this->server(ConnectionError::Silent);

        $this->assertFalse($isForeign);
        $this->assertFound(Status::Problem, 'has the port and does not answer', 'reverb:restart', $result);
    }

    #[TestWith([ConnectionError::Silent])]
    #[TestWith([ConnectionError::Encrypted])]
    #[TestWith([ConnectionError::NoHttp])]
    public function test_another_program_that_has_the_port(ConnectionError $error): void
    {
        $this->listening('');
        $this->write('41/comm', "node\n");
        [$isForeign, $result] = $this->server($error);

        $this->assertTrue($isForeign);
        $this->assertFound(Status::Hint, 'another program has its port', 'See port.', $result);
    }

    public function test_a_port_where_nobody_listens_is_not_another_programs(): void
    {
        [$isForeign, $result] = $this->server(ConnectionError::Refused);

        $this->assertFalse($isForeign);
        $this->assertFound(Status::Problem, 'not running', 'reverb:start', $result);
    }

    /** @param  array<string, mixed>  $app */
    private function descriptors(array $app = []): CheckResult
    {
        $context = $this->configured(app: $app);

        return (new Descriptors($context, new Probes(new FakeNetwork, $context, $this->proc), $this->proc))->run();
    }

    public function test_the_limit_of_the_running_server(): void
    {
        $this->write('self/limits', $this->limits('1024'));
        $this->listening($this->limits('65536'));

        $result = $this->descriptors();

        $this->assertOk($result);
        $this->assertSame('65536 for the running server (pid 41): 65408 sockets fit', $result->subject);
    }

    public function test_the_usual_limit_is_a_warning(): void
    {
        $this->write('self/limits', $this->limits('1024'));

        $result = $this->descriptors();

        $this->assertFound(Status::Warning, '896 sockets fit', 'LimitNOFILE', $result);
        $this->assertStringContainsString('this shell', $result->subject);
    }

    #[TestWith(['896', Status::Ok])]
    #[TestWith([897, Status::Warning])]
    public function test_the_limit_is_held_against_what_the_apps_may_have(int|string $wanted, Status $status): void
    {
        $this->write('self/limits', $this->limits('1024'));

        $this->assertSame($status, $this->descriptors(['max_connections' => $wanted])->status);
    }

    /** @param  array<string, mixed>  $app */
    #[TestWith([[]])]
    #[TestWith([['max_connections' => 2000]])]
    #[TestWith([['max_connections' => 65408]])]
    #[TestWith([['max_connections' => 65409]])]
    #[TestWith([['max_connections' => 200_000]])]
    public function test_the_limit_that_is_proposed_is_enough(array $app): void
    {
        $this->write('self/limits', $this->limits('1024'));
        $proposed = (string) preg_replace('/^LimitNOFILE=(\d+) .*$/', '$1', (string) $this->descriptors($app)->fix);

        $this->write('self/limits', $this->limits($proposed));

        $this->assertOk($this->descriptors($app));
    }

    public function test_no_limit_and_an_unknown_one(): void
    {
        $this->assertOk($this->descriptors());
        $this->write('self/limits', $this->limits('unlimited'));
        $this->assertOk($this->descriptors());
    }

    private function kernel(string $release = '6.1.0', string $system = 'Linux'): CheckResult
    {
        return (new Kernel($this->proc, $system, $release))->run();
    }

    public function test_the_switch_of_the_kernel(): void
    {
        $this->write('sys/net/ipv4/tcp_migrate_req', "1\n");
        $this->assertOk($this->kernel());

        $this->write('sys/net/ipv4/tcp_migrate_req', "0\n");
        $result = $this->kernel();
        $this->assertFound(Status::Hint, 'may be reset', 'net.ipv4.tcp_migrate_req=1', $result);

        [$name, $value] = explode('=', (string) preg_replace('/^.*: ([\w.]+=\d).*$/', '$1', (string) $result->fix));
        $this->write('sys/'.strtr($name, '.', '/'), "{$value}\n");
        $this->assertOk($this->kernel());
    }

    public function test_kernels_without_the_switch(): void
    {
        $this->assertFound(Status::Hint, 'may be reset', 'Linux 5.14 or newer', $this->kernel('5.10.0-30-amd64'));
        $this->assertOk($this->kernel('5.14'));
        $this->assertOk($this->kernel(system: 'Darwin'));
    }
}
