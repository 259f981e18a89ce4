<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Descriptors;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\FakeNetwork;
use Revurb\Tests\Support\Doctor\ProcTestCase;

final class DescriptorsTest extends ProcTestCase
{
    /** @param  array<string, mixed>  $app */
    private function descriptors(array $app = []): CheckResult
    {
        $context = $this->configured(app: $app);

        return (new Descriptors($context, new Probes(new FakeNetwork, $context, $this->proc), $this->proc))->run();
    }

    public function test_the_limit_of_the_running_server_is_read(): void
    {
        $this->write('self/limits', $this->limits('1024'));
        $this->listening($this->limits('65536'));

        $result = $this->descriptors();

        $this->assertOk($result);
        $this->assertSame('65536 for the running server (pid 41): 65408 sockets fit', $result->subject);
    }

    public function test_the_default_limit_is_a_warning(): void
    {
        $this->write('self/limits', $this->limits('1024'));

        $result = $this->descriptors();

        $this->assertFound(Status::Warning, '896 sockets fit', 'LimitNOFILE', $result);
        $this->assertStringContainsString('this shell', $result->subject);
    }

    #[TestWith(['896', Status::Ok])]
    #[TestWith([897, Status::Warning])]
    public function test_the_limit_is_compared_with_max_connections_of_the_apps(int|string $wanted, Status $status): void
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
    public function test_the_proposed_limit_is_enough(array $app): void
    {
        $this->write('self/limits', $this->limits('1024'));
        $proposed = (string) preg_replace('/^LimitNOFILE=(\d+) .*$/', '$1', (string) $this->descriptors($app)->fix);

        $this->write('self/limits', $this->limits($proposed));

        $this->assertOk($this->descriptors($app));
    }

    public function test_an_unlimited_and_an_unknown_number_of_descriptors_are_ok(): void
    {
        $this->assertOk($this->descriptors());
        $this->write('self/limits', $this->limits('unlimited'));
        $this->assertOk($this->descriptors());
    }
}
