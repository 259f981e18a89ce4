<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * The log of a real server, through reverb:start: to the console, as JSON, and to a log channel of the application.
 */
final class LogTest extends RealAppTestCase
{
    /** Control characters that a terminal would act on: they clear the screen, reverse text, and forge a log line. */
    private const HOSTILE = '\u001b[2J\u202e\n  2026-01-31 12:00:00 ERROR forged';

    private function start(string ...$options): Process
    {
        $start = $this->app->artisan('reverb:start', ...$options);
        $this->app->waitFor($start, 'reverb:doctor');

        return $start;
    }

    private function stop(Process $start): string
    {
        $start->signal(SIGTERM);
        $start->wait();

        return $start->getOutput();
    }

    /** An unknown key, a channel without a signature, and an unsigned publish. */
    private function provoke(int $times): void
    {
        for ($i = 0; $i < $times; $i++) {
            read_frame(open_websocket($this->app->port, 'no-such-key'));
        }

        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"pusher:subscribe","data":{"channel":"private-'.self::HOSTILE.'","auth":"the-key:hush-hush"}}');
        read_frame($socket);
        file_get_contents("http://127.0.0.1:{$this->app->port}/apps/123456/events?auth_signature=hush-hush", context: stream_context_create(['http' => ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => '{}', 'ignore_errors' => true]]));
    }

    public function test_refusals_are_one_line_per_kind_with_the_key_to_look_at(): void
    {
        $start = $this->start();
        $this->provoke(3);
        $this->app->waitFor($start, 'request=POST /apps/123456/events: 401');
        $lines = array_values(array_filter(explode("\n", $this->stop($start)), static fn (string $line): bool => str_contains($line, ' WARN ')));

        $this->assertCount(4, $lines, implode("\n", $lines));
        $this->assertMatchesRegularExpression('/ apps\.apps\.0\.key \(REVERB_APP_KEY\), VITE_REVERB_APP_KEY .* count=1 key=no-such-key/', $lines[0]);
        $this->assertStringContainsString(' apps.apps.0.secret (REVERB_APP_SECRET), ', $lines[1]);
        $this->assertStringContainsString(' app=123456 count=1 channel=private-\x1b[2J\u{202e}\n  2026-01-31 12:00:00 ERROR forged', $lines[1]);
        $this->assertStringContainsString('app=123456 count=1 request=POST /apps/123456/events: 401 ', $lines[2]);
        // What waited for the end of the minute comes with the end of the server.
        $this->assertStringContainsString('count=2', $lines[3]);
        $this->assertStringNotContainsString('hush-hush', $start->getOutput());
        $this->assertStringNotContainsString("\e", $start->getOutput());

        foreach (array_slice(array_filter(array_map(trim(...), explode("\n", $start->getOutput()))), 1) as $line) {
            $this->assertMatchesRegularExpression('/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (INFO |WARN ) /', $line);
        }
    }

    public function test_with_log_json_every_line_is_an_object_with_time_level_and_code(): void
    {
        $this->app->environment('REVURB_LOG=json');
        $start = $this->start();
        $this->provoke(1);
        $this->app->waitFor($start, 'request-signature');
        $output = $this->stop($start);
        $entries = array_map(static fn (string $line): array => (array) json_decode($line, true, flags: JSON_THROW_ON_ERROR), explode("\n", trim($output)));

        foreach ($entries as $entry) {
            $this->assertMatchesRegularExpression('/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/', $entry['time']);
            $this->assertContains($entry['level'], ['info', 'warn']);
        }

        $this->assertSame(
            ['server-started', 'banner-versions', 'banner-public-url', 'banner-apps', 'banner-open-files', 'banner-limits', 'banner-limits', 'banner-doctor', 'unknown-key', 'subscription-signature', 'request-signature', 'server-terminating', 'server-stopping', 'server-stopped'],
            array_column($entries, 'code'),
        );
        $this->assertStringNotContainsString("\u{202e}", $output);
    }

    public function test_a_log_channel_gets_every_line_and_its_failure_does_not_stop_the_server(): void
    {
        $this->app->environment('REVURB_LOG_CHANNEL=sockets');
        $this->app->write('config/logging.php', '<?php return ["default" => "single", "channels" => ["sockets" => ["driver" => "single", "path" => storage_path("logs/sockets.log")], "single" => ["driver" => "single", "path" => storage_path("logs/laravel.log")]]];');
        $start = $this->start();
        $this->provoke(1);
        $this->app->waitFor($start, 'request=POST /apps/123456/events: 401');
        $this->stop($start);
        $log = (string) file_get_contents("{$this->app->base}/storage/logs/sockets.log");

        foreach (['.INFO: Starting server on 127.0.0.1', '"code":"server-started"', '.INFO: Gracefully terminating connections.'] as $text) {
            $this->assertStringContainsString($text, $log);
        }

        $this->assertMatchesRegularExpression('/\.WARNING: .*"code":"unknown-key"/', $log);

        $this->assertStringNotContainsString('hush-hush', $log);
        $this->app->write('config/logging.php', '<?php return ["default" => "single", "channels" => ["sockets" => ["driver" => "single", "path" => "/proc/no/sockets.log"], "single" => ["driver" => "single", "path" => storage_path("logs/laravel.log")]]];');
        $start = $this->start();
        $this->provoke(1);
        $this->app->waitFor($start, 'request=POST /apps/123456/events: 401');
        $output = $this->stop($start);

        $this->assertSame(0, $start->getExitCode(), $output);
        $this->assertSame(1, substr_count($output, 'REVURB_LOG_CHANNEL'), $output);
    }

    public function test_debug_shows_connections_messages_and_requests(): void
    {
        $start = $this->start('--debug');
        $this->provoke(1);
        $this->app->waitFor($start, 'method=POST path=');
        $output = $this->stop($start);

        $this->assertMatchesRegularExpression('/DEBUG .+ method=GET path=\/app\/the-key\?protocol=7 status=101 ms=[\d.]+/', $output);
        $this->assertMatchesRegularExpression('/DEBUG .+ app=123456 socket=[\d.]+ origin=/', $output);
        $this->assertMatchesRegularExpression('/DEBUG .+ app=123456 socket=[\d.]+ message=\{"event":"pusher:subscribe"/', $output);
        $this->assertMatchesRegularExpression('/DEBUG .+ method=POST path=\/apps\/123456\/events status=401 ms=[\d.]+/', $output);
        $this->assertMatchesRegularExpression('/DEBUG .+ app=123456 socket=[\d.]+ code=\d+ reason=.* seconds=[\d.]+/', $output);
        $this->assertStringNotContainsString('hush-hush', $output);
        $this->assertStringNotContainsString("\e", $output);
    }
}
