<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Kernel;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\ProcTestCase;

final class KernelTest extends ProcTestCase
{
    private function kernel(string $release = '6.1.0', string $system = 'Linux'): CheckResult
    {
        return (new Kernel($this->proc, $system, $release))->run();
    }

    public function test_a_kernel_that_does_not_migrate_requests_is_a_hint_with_the_setting(): void
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

    public function test_a_kernel_without_the_setting_is_a_hint_if_it_is_too_old(): void
    {
        $this->assertFound(Status::Hint, 'may be reset', 'Linux 5.14 or newer', $this->kernel('5.10.0-30-amd64'));
        $this->assertOk($this->kernel('5.14'));
        $this->assertOk($this->kernel(system: 'Darwin'));
    }
}
