<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Server;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class ServerTest extends DoctorTestCase
{
    private const URL = 'http://127.0.0.1:8080';

    private function server(FakeNetwork $network, ?DoctorContext $context = null): CheckResult
    {
        $context ??= $this->configured();

        return (new Server($context, new Probes($network, $context)))->run();
    }

    public function test_a_running_server_is_ok(): void
    {
        $this->assertOk($this->server(FakeNetwork::healthy()));
    }

    public function test_a_server_that_does_not_run_is_a_problem(): void
    {
        $this->assertFound(Status::Problem, 'not running', 'php artisan reverb:start', $this->server(new FakeNetwork));
    }

    public function test_another_program_on_the_port_is_not_judged_as_the_server(): void
    {
        $this->assertFound(Status::Hint, 'another program', 'port', $this->server((new FakeNetwork)->with(self::URL, new Reply(200, [], '<html>'))));
    }

    public function test_a_server_on_another_machine_is_ok(): void
    {
        $result = $this->server(FakeNetwork::healthy('http://chat.test:80'));

        $this->assertOk($result);
        $this->assertStringContainsString('not on this machine; it answers at http://chat.test:80', $result->subject);
    }

    /** @return iterable<string, array{string, Reply}> */
    public static function olderOnes(): iterable
    {
        yield 'path' => ['/up', new Reply(404, ['revurb-refusal' => 'request-path'])];
        yield 'app id' => ['/apps/', new Reply(404, ['revurb-refusal' => 'request-unknown-app'])];
        yield 'secret' => ['/apps/', new Reply(401, ['revurb-refusal' => 'request-signature'])];
        yield 'app key' => ['/app/', FakeNetwork::error(4001)];
    }

    #[DataProvider('olderOnes')]
    public function test_a_server_on_an_older_configuration_is_a_problem(string $path, Reply $answer): void
    {
        $this->assertFound(Status::Problem, "with another {$this->dataName()}", 'reverb:restart', $this->server(FakeNetwork::healthy()->with(self::URL.$path, $answer)));
    }

    public function test_a_refusal_by_the_clock_is_no_older_configuration(): void
    {
        $answer = new Reply(401, ['revurb-refusal' => 'request-timestamp']);

        $this->assertOk($this->server(FakeNetwork::healthy()->with(self::URL.'/apps/', $answer)));
    }

    public function test_without_a_valid_configuration_a_running_server_is_recognised(): void
    {
        $this->assertOk($this->server(FakeNetwork::healthy(), $this->configured(isComplete: false)));
    }
}
