<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Revurb\Doctor\Probes\Network;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class DoctorTest extends DoctorAppTestCase
{
    public function test_the_command_prints_a_line_for_each_check(): void
    {
        [$code, $output] = $this->artisanCall('reverb:doctor');

        $this->assertSame(1, $code);
        $this->assertMatchesRegularExpression('~^  ✓ server +http://127\.0\.0\.1:8080 answers, and has the app$~m', $output);
        $this->assertMatchesRegularExpression('~^  ✗ browser +ws://chat\.test:80/app/the-key\n      The server has no app .+\n      → php artisan reverb:restart.*$~m', $output);
        $this->assertStringContainsString('Broken: publisher, browser.', $output);
        $this->assertStringNotContainsString('the-secret', $output);
    }

    public function test_the_command_prints_json_for_programs(): void
    {
        $this->application()->instance(Network::class, FakeNetwork::healthy()->with('http://chat.test:80/apps/', new \Revurb\Doctor\Probes\Reply(200, [], '{"channels":{}}'))->with('http://chat.test:80/app/', FakeNetwork::greeting('pusher:connection_established', '{}')));
        [$code, $output] = $this->artisanCall('reverb:doctor', ['--json' => true]);

        $report = json_decode($output, true);

        $this->assertSame(0, $code, $output);
        $this->assertSame(1, substr_count($output, "\n"));
        $this->assertIsArray($report);
        $this->assertContains($report['verdict'], ['healthy', 'warnings']);
        $this->assertSame(
            ['php', 'bun', 'config', 'limits', 'addresses', 'redis', 'cache', 'port', 'server', 'supervisor', 'publisher', 'browser', 'round-trip', 'assets', 'queue', 'clock', 'descriptors', 'kernel'],
            array_column($report['checks'], 'name'),
        );
        $this->assertSame(['name', 'status', 'code', 'detail', 'fix'], array_keys($report['checks'][0]));
    }

    public function test_the_command_has_the_options_of_start(): void
    {
        $this->application()->instance(Network::class, $network = new FakeNetwork);
        $this->artisanCall('reverb:doctor', ['--json' => true, '--host' => '127.0.0.2', '--port' => '6001', '--path' => 'ws']);

        $this->assertContains('http://127.0.0.2:6001/ws/up', array_column($network->asked, 0));
    }
}
