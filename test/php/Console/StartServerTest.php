<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Server\Line;
use Revurb\Server\ServerScript;
use Revurb\Tests\Support\CommandTestCase;

final class StartServerTest extends CommandTestCase
{
    /**
     * @param  array<string, mixed>  $options
     * @param  array<string, mixed>  $ready
     */
    #[TestWith([[], [], 'Starting server on 0.0.0.0:8080'])]
    #[TestWith([['--host' => '127.0.0.1', '--port' => '6001', '--path' => '/ws', '--hostname' => 'ws.test'], ['host' => '127.0.0.1', 'port' => 6001, 'secure' => true], 'Starting secure server on 127.0.0.1:6001/ws (ws.test)'])]
    #[TestWith([['--hostname' => '0.0.0.0'], [], 'Starting server on 0.0.0.0:8080'])]
    public function test_start_shows_the_banner_of_reverb(array $options, array $ready, string $banner): void
    {
        $this->launcher($ready);

        [$code, $output] = $this->artisanCall('reverb:start', $options);

        $this->assertSame(0, $code);
        $this->assertMatchesRegularExpression('~INFO\s+'.preg_quote($banner, '~').'\.?\s~', $output);
        $this->assertStringContainsString('INFO  <fg=nosuch>', $output);
        $this->assertStringContainsString('<fg=nosuch>raw', $output);
    }

    public function test_start_logs_which_certificate_it_uses(): void
    {
        $this->launcher(['secure' => true]);
        $this->configure(['reverb.servers.reverb.options.tls' => ['local_cert' => '/etc/ssl/of <b>us</b>.pem']]);

        [, $output] = $this->artisanCall('reverb:start');

        $this->assertMatchesRegularExpression('~^  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO  Certificate: /etc/ssl/of <b>us</b>\.pem$~m', $output);
    }

    /** The banner is Reverb's, which scripts look for. */
    public function test_every_line_but_the_banner_has_a_time(): void
    {
        $this->launcher();

        [, $output] = $this->artisanCall('reverb:start');
        $lines = array_values(array_filter(array_map(trim(...), explode("\n", $output))));

        $this->assertMatchesRegularExpression('~^INFO\s+Starting server~', $lines[0]);
        $this->assertMatchesRegularExpression('~^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO  <fg=nosuch>$~', $lines[1]);
        $this->assertMatchesRegularExpression('~^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO  <fg=nosuch>raw$~', $lines[2]);

        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);
        [, $output] = $this->artisanCall('reverb:start');
        $this->assertMatchesRegularExpression('~^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR ~', trim($output));
    }

    /** @param  array<string, string>  $options */
    #[TestWith([['--log' => 'json'], null])]
    #[TestWith([[], 'json'])]
    #[TestWith([['--log' => ''], 'json'])]
    public function test_with_log_json_every_line_of_start_is_one_json_object(array $options, ?string $configured): void
    {
        $this->launcher(['secure' => true]);
        $this->configure(['reverb.servers.reverb.revurb.log' => $configured, 'reverb.servers.reverb.options.tls' => ['local_cert' => '/a.pem']]);

        [$code, $output] = $this->artisanCall('reverb:start', $options);
        $entries = $this->entries($output);

        $this->assertSame(0, $code);
        $this->assertSame(
            [['server-started', 'Starting secure server on 0.0.0.0:8080'], ['banner-certificate', 'Certificate: /a.pem'], [null, '<fg=nosuch>'], ['server-output', '<fg=nosuch>raw']],
            array_map(static fn (array $entry): array => [$entry['code'] ?? null, $entry['message']], $entries),
        );

        foreach ($entries as $entry) {
            $this->assertSame(['log', 'info'], [$entry['type'], $entry['level']]);
            $this->assertArrayHasKey('time', $entry);
        }
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_unexpected_output_of_the_server_is_masked_and_cut(bool $isError): void
    {
        $this->launcher([], new Line('it holds hush-hush-hush, '.str_repeat('x', 5000), $isError));
        $this->configure(['reverb.apps.apps.0.secret' => 'hush-hush-hush']);

        [, $output] = $this->artisanCall('reverb:start', ['--log' => 'json']);

        $message = $this->entries($output)[2]['message'];
        $this->assertIsString($message);
        $this->assertStringStartsWith('it holds ********, xxx', $message);
        $this->assertSame(2000, strlen($message));
    }

    public function test_with_log_json_a_failed_start_is_one_json_object(): void
    {
        $this->launcher();
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        [$code, $output] = $this->artisanCall('reverb:start', ['--log' => 'json']);

        $this->assertSame(1, $code);
        $this->assertSame([['error', 'no-bun']], array_map(static fn (array $entry): array => [$entry['level'], $entry['code']], $this->entries($output)));
    }

    /** @param  array<string, mixed>  $config */
    #[TestWith(['unusable-apps', ['reverb.apps.apps' => ['app_id' => '1', 'key' => 'k', 'secret' => 's']]])]
    #[TestWith(['unknown-app-provider', ['reverb.apps.provider' => 'database']])]
    #[TestWith(['unusable-redis', ['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => 'unix:/run/redis.sock']]]])]
    #[TestWith(['unusable-script', []])]
    public function test_every_reason_that_prevents_a_start_has_its_code(string $expected, array $config): void
    {
        $this->launcher();
        $this->configure($config);

        if ($expected === 'unusable-script') {
            $this->application()->instance(ServerScript::class, new ServerScript('/no/such/revurb.js', getenv()));
        }

        [$code, $output] = $this->artisanCall('reverb:start', ['--log' => 'json']);

        $this->assertSame(1, $code);
        $this->assertSame([$expected], array_column($this->entries($output), 'code'));
    }

    public function test_an_unknown_log_format_is_an_error_that_names_the_variable(): void
    {
        $launcher = $this->launcher();
        $this->configure(['reverb.servers.reverb.revurb.log' => 'xml']);

        [$code, $output] = $this->artisanCall('reverb:start');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('servers.reverb.revurb.log (REVURB_LOG) must be text or json', $output);
        $this->assertSame([], $launcher->launched);
        $this->assertSame(0, $this->artisanCall('reverb:start', ['--log' => 'text'])[0]);
    }

    public function test_a_log_channel_gets_every_line(): void
    {
        $this->launcher();
        $this->configure([
            'reverb.servers.reverb.revurb.log_channel' => 'sockets',
            'logging.channels.sockets' => ['driver' => 'single', 'path' => "{$this->base}/storage/logs/sockets.log"],
        ]);

        [$code, $output] = $this->artisanCall('reverb:start');
        $log = (string) file_get_contents("{$this->base}/storage/logs/sockets.log");

        $this->assertSame(0, $code);
        $this->assertStringContainsString('.INFO: Starting server on 0.0.0.0:8080 {"code":"server-started"}', $log);
        $this->assertStringContainsString('.INFO: <fg=nosuch>', $log);
        $this->assertStringContainsString('.INFO: <fg=nosuch>raw {"code":"server-output"}', $log);
        $this->assertStringContainsString('Starting server on 0.0.0.0:8080', $output);
    }

    /** @param  array<string, mixed>|null  $channel */
    #[TestWith([null, 'config/logging.php has no channel "sockets"'])]
    #[TestWith([['driver' => 'single', 'path' => '/proc/no/such/file.log'], '/proc/no/such'])]
    public function test_a_failing_log_channel_is_reported_once_and_the_server_continues(?array $channel, string $reason): void
    {
        $this->launcher();
        $this->configure(['reverb.servers.reverb.revurb.log_channel' => 'sockets', 'logging.channels.sockets' => $channel]);

        [$code, $output] = $this->artisanCall('reverb:start', ['--log' => 'json']);
        $failures = array_values(array_filter($this->entries($output), static fn (array $entry): bool => ($entry['code'] ?? null) === 'log-channel-failed'));

        $this->assertSame(0, $code);
        $this->assertCount(1, $failures);
        $this->assertStringContainsString('servers.reverb.revurb.log_channel (REVURB_LOG_CHANNEL)', $failures[0]['message']);
        $this->assertStringContainsString($reason, $failures[0]['context']['reason']);
        $this->assertStringContainsString('Starting server on 0.0.0.0:8080', $output);
    }

    public function test_options_of_start_win_over_the_configuration(): void
    {
        $launcher = $this->launcher();
        $this->artisanCall('reverb:start', ['--port' => '6001', '--debug' => true]);

        $document = json_decode($this->only($launcher)->document, true);

        $this->assertIsArray($document);
        $this->assertTrue($document['debug']);
        $this->assertSame('6001', $document['server']['port']);
        $this->assertSame('0.0.0.0', $document['server']['host']);
    }

    public function test_start_fails_with_one_sentence_without_bun(): void
    {
        $launcher = $this->launcher();
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        [$code, $output] = $this->artisanCall('reverb:start');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('/no/such/bun', $output);
        $this->assertSame([], $launcher->launched);
    }

    public function test_start_fails_without_the_bundled_server(): void
    {
        $this->launcher();
        $this->application()->instance(ServerScript::class, new ServerScript('/nowhere/revurb.js', []));

        [$code, $output] = $this->artisanCall('reverb:start');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('/nowhere/revurb.js', $output);
    }

    public function test_start_names_a_value_that_is_not_utf8(): void
    {
        $this->configure(['reverb.apps.apps.0.key' => "\xff"]);

        $this->assertSame(1, $this->artisanCall('reverb:start')[0]);
        $this->assertSame(1, $this->artisanCall('reverb:config')[0]);
    }
}
