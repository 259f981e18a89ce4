<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\ConfigPlaces;
use Revurb\Doctor\Report;
use Revurb\Doctor\Secrets;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\EnvText;

final class TextTest extends TestCase
{
    #[TestWith(['servers.reverb.port', 'REVERB_SERVER_PORT', '.env:1 REVERB_SERVER_PORT, or config/reverb.php: servers.reverb.port'])]
    #[TestWith(['servers.reverb.options.tls.local_cert', '', 'config/reverb.php: servers.reverb.options.tls.local_cert'])]
    #[TestWith(['servers.reverb.scaling.enabled', 'REVERB_SCALING_ENABLED', '.env, a new line: REVERB_SCALING_ENABLED, or config/reverb.php: servers.reverb.scaling.enabled'])]
    #[TestWith(['apps.apps', '', 'config/reverb.php: apps.apps'])]
    #[TestWith(['version', '', 'config/reverb.php'])]
    #[TestWith(['', '', 'config/reverb.php'])]
    public function test_the_key_that_the_server_names_is_a_line_to_change(string $key, string $variable, string $place): void
    {
        $this->assertSame($place, (new ConfigPlaces)->of(EnvText::environment("REVERB_SERVER_PORT=70000\n"), $key, $variable));
    }

    public function test_addresses(): void
    {
        $here = Address::here(true, '::', 8080, 'ws/');

        $this->assertSame('https://[::1]:8080/ws/up', $here->url('/up'));
        $this->assertSame('ws://127.0.0.1:80/app/a', Address::here(false, '0.0.0.0', 80, '')->url('/app/a', 'ws'));
        $this->assertFalse($here->verify);
        $this->assertSame('[::1]:8080', $here->hostHeader());
        $this->assertSame('chat.test:443', (new Address(false, 'chat.test', 443))->hostHeader());
        $this->assertSame('chat.test', (new Address(true, 'chat.test', 443))->hostHeader());
        $this->assertSame('[::1]', (new Address(false, '::1', 80))->hostHeader());
        $this->assertTrue($here->isLocal());
        $this->assertTrue((new Address(false, 'localhost', 80))->isLocal());
        $this->assertFalse((new Address(false, 'chat.test', 80))->isLocal());
    }

    public function test_secrets_are_masked_and_short_words_are_not(): void
    {
        $this->assertSame('with ******** and on', (new Secrets(['on', 'the-secret', null, ['a']]))->mask('with the-secret and on'));
    }

    public function test_the_verdict(): void
    {
        $ok = CheckResult::ok('a');
        $warning = CheckResult::warning(Code::MixedContent, 'b', 'fault', 'fix');
        $problem = CheckResult::problem(Code::NotPassedOn, 'c', 'fault', 'fix');

        $this->assertSame('healthy', (new Report(['a' => $ok]))->verdict());
        $this->assertSame('warnings', (new Report(['a' => $ok, 'b' => $warning]))->verdict());
        $this->assertSame('healthy', (new Report(['a' => $ok, 'b' => CheckResult::hint(Code::AcceptQueueReset, 'd', 'fault', 'fix')]))->verdict());
        $this->assertSame('broken', (new Report(['a' => $warning, 'b' => $problem]))->verdict());
        $this->assertSame(['b'], (new Report(['a' => $warning, 'b' => $problem]))->names(Status::Problem));
        $this->assertSame(
            ['verdict' => 'broken', 'checks' => [['name' => 'a', 'status' => 'ok', 'code' => 'ok', 'detail' => 'a', 'fix' => null], ['name' => 'b', 'status' => 'problem', 'code' => 'not-passed-on', 'detail' => 'c: fault', 'fix' => 'fix']]],
            (new Report(['a' => $ok, 'b' => $problem]))->toArray(),
        );
    }
}
