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
use Revurb\Tests\Support\FakeSelfExec;

final class ServerTest extends DoctorTestCase
{
    private const URL = 'http://127.0.0.1:8080';

    private function server(FakeNetwork $network, ?DoctorContext $context = null, bool $canHandOver = true): CheckResult
    {
        $context ??= $this->configured();

        return (new Server($context, new Probes($network, $context), new FakeSelfExec($canHandOver)))->run();
    }

    public function test_a_running_server_is_ok(): void
    {
        $this->assertOk($this->server(FakeNetwork::healthy()));
    }

    public function test_a_server_that_is_cut_off_from_the_others_is_a_problem(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL.'/ready', new Reply(200, [], '{"health":"degraded"}'));

        $this->assertFound(Status::Problem, 'exchanges no events with the other servers', 'stop this server and start it', $this->server($network));
        $this->assertOk($this->server(FakeNetwork::healthy()->with(self::URL.'/ready', new Reply(200, [], '{"health":"OK"}'))));
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

    /** @return iterable<string, array{string, Reply}> what is another one, the path, and the answer there */
    public static function olderOnes(): iterable
    {
        yield 'path' => ['/up', new Reply(404, ['revurb-refusal' => 'request-path'])];
        yield 'app id' => ['/apps/', new Reply(404, ['revurb-refusal' => 'request-unknown-app'])];
        yield 'secret' => ['/apps/', new Reply(401, ['revurb-refusal' => 'request-signature'])];
        yield 'app key' => ['/app/', FakeNetwork::error(4001)];
        yield 'app key, whose secret is the same' => ['/apps/', self::refusedKey()];
    }

    #[DataProvider('olderOnes')]
    public function test_a_server_on_an_older_configuration_is_a_problem(string $path, Reply $answer): void
    {
        [$what] = explode(',', (string) $this->dataName());
        $result = $this->server(FakeNetwork::healthy()->with(self::URL.$path, $answer));

        $this->assertFound(Status::Problem, "It runs on an older configuration: with another {$what}.", 'reverb:restart', $result);
        $this->assertSame('php artisan reverb:restart', $result->fix);
    }

    public function test_a_server_with_another_key_is_not_said_to_have_another_secret(): void
    {
        $keyless = FakeNetwork::healthy()->with(self::URL.'/app/', FakeNetwork::error(4001));
        $older = 'It runs on an older configuration: with another app key';

        $this->assertSame("{$older}.", $this->server($keyless->with(self::URL.'/apps/', self::refusedKey()))->problem);
        $this->assertSame("{$older} and another secret.", $this->server($keyless->with(self::URL.'/apps/', new Reply(401, ['revurb-refusal' => 'request-signature'])))->problem);
    }

    public function test_a_restart_that_is_a_stop_is_named_as_that(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL.'/app/', FakeNetwork::error(4001));

        $this->assertFound(Status::Problem, 'another app key', 'php artisan reverb:restart, which here only stops the server: its process manager has to start it again', $this->server($network, canHandOver: false));
    }

    /** The answer to a request that is signed with the right secret and has another key. */
    private static function refusedKey(): Reply
    {
        return new Reply(401, ['revurb-refusal' => 'request-signature; part=auth_key']);
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
