<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Report;
use Revurb\Doctor\Secrets;
use Revurb\Doctor\Setup\Address;
use Revurb\Doctor\Setup\ConfigPlaces;
use Revurb\Doctor\Setup\EnvLines;
use Revurb\Doctor\Status;

final class TextTest extends TestCase
{
    /** @param  array<string, string>  $given */
    private function env(?string $text, array $given = []): EnvLines
    {
        return new EnvLines($text, static fn (string $name): ?string => $given[$name] ?? null);
    }

    public function test_a_line_is_named_by_its_number(): void
    {
        $env = $this->env("A=1\r\n# REVERB_PORT=1\n  export REVERB_PORT = 8080\n");

        $this->assertSame('.env:3 REVERB_PORT=443', $env->change('REVERB_PORT', '443'));
        $this->assertSame('.env:3 REVERB_PORT', $env->place('REVERB_PORT'));
    }

    public function test_of_two_lines_the_last_counts(): void
    {
        $env = $this->env("A=1\nA=2");

        $this->assertSame('2', $env->value('A'));
        $this->assertSame('.env:2 A=3', $env->change('A', '3'));
    }

    public function test_a_line_that_repeats_another_leads_there(): void
    {
        $env = $this->env("REVERB_PORT=8080\nVITE_REVERB_PORT=\"\${REVERB_PORT}\"\n");

        $this->assertSame('.env:1 REVERB_PORT=443, and build the assets again (npm run build)', $env->change('VITE_REVERB_PORT', '443'));
        $this->assertSame('8080', $env->value('VITE_REVERB_PORT'));
    }

    public function test_lines_in_a_circle_end(): void
    {
        $this->assertStringContainsString('.env:', $this->env("A=\${B}\nB=\${A}")->change('A', '1'));
    }

    public function test_what_is_not_written(): void
    {
        $this->assertSame('.env, a new line: A=1', $this->env('')->change('A', '1'));
        $this->assertSame('the environment of this process: A=1', $this->env('', ['A' => '2'])->change('A', '1'));
        $this->assertSame('the environment of this process: A=1', $this->env(null)->change('A', '1'));
        $this->assertNull($this->env(null)->value('A'));
        $this->assertNull($this->env('A=')->value('A'));
    }

    public function test_the_environment_of_the_process_goes_before_the_file(): void
    {
        $this->assertSame('2', $this->env('A=1', ['A' => '2'])->value('A'));
    }

    #[TestWith(['servers.reverb.port (REVERB_SERVER_PORT, --port) must be a number', '.env:1 REVERB_SERVER_PORT, or config/reverb.php: servers.reverb.port'])]
    #[TestWith(['servers.reverb.options.tls.local_cert is missing', 'config/reverb.php: servers.reverb.options.tls.local_cert'])]
    #[TestWith(['servers.reverb.scaling.enabled (REVERB_SCALING_ENABLED) must', '.env, a new line: REVERB_SCALING_ENABLED, or config/reverb.php: servers.reverb.scaling.enabled'])]
    #[TestWith(['apps.apps.1.secret is missing', 'config/reverb.php: apps.apps.1.secret'])]
    #[TestWith(['apps.apps must be a list', 'config/reverb.php: apps.apps'])]
    #[TestWith(['Port 80 is in use: End it, or choose another port (servers.reverb.port)', 'config/reverb.php'])]
    #[TestWith(['version must be 1', 'config/reverb.php'])]
    public function test_the_place_that_the_server_names_is_a_line_to_change(string $fault, string $place): void
    {
        $this->assertSame($place, (new ConfigPlaces)->ofFault($this->env("REVERB_SERVER_PORT=70000\n"), $fault));
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
        $ok = Finding::ok('a');
        $warning = Finding::warning('b', 'fault', 'fix');
        $problem = Finding::problem('c', 'fault', 'fix');

        $this->assertSame('healthy', (new Report(['a' => $ok]))->verdict());
        $this->assertSame('warnings', (new Report(['a' => $ok, 'b' => $warning]))->verdict());
        $this->assertSame('broken', (new Report(['a' => $warning, 'b' => $problem]))->verdict());
        $this->assertSame(['b'], (new Report(['a' => $warning, 'b' => $problem]))->names(Status::Problem));
        $this->assertSame(
            ['verdict' => 'broken', 'checks' => [['name' => 'a', 'status' => 'ok', 'detail' => 'a', 'fix' => null], ['name' => 'b', 'status' => 'problem', 'detail' => 'c: fault', 'fix' => 'fix']]],
            (new Report(['a' => $ok, 'b' => $problem]))->toArray(),
        );
    }
}
