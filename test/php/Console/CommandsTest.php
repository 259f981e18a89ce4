<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Support\Facades\Cache;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Apps\AppSource;
use Revurb\Process\Command;
use Revurb\Process\Launcher;
use Revurb\Process\Line;
use Revurb\Process\ServerScript;
use Revurb\Process\VersionProbe;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FailingSource;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeLauncher;
use Revurb\Tests\Support\UnmadeSource;

final class CommandsTest extends AppTestCase
{
    /** @param  array<string, mixed>  $ready */
    private function launcher(array $ready = [], string|Line $raw = '<fg=nosuch>raw'): FakeLauncher
    {
        $child = new FakeChild(new FakeClock, [
            ['type' => 'ready', 'host' => '0.0.0.0', 'port' => 8080, 'secure' => false, ...$ready],
            ['type' => 'log', 'level' => 'info', 'message' => '<fg=nosuch>'],
            $raw,
            0,
        ]);
        $launcher = new FakeLauncher([$child]);
        $this->application()->instance(Launcher::class, $launcher);
        $this->application()->instance(ServerScript::class, new ServerScript(__FILE__, getenv()));
        $this->application()->instance(VersionProbe::class, new class implements VersionProbe
        {
            public function versionOf(string $file): string
            {
                return '1.4.5';
            }
        });
        $this->configure(['reverb.servers.reverb.revurb.bun' => __FILE__]);

        return $launcher;
    }

    private function only(FakeLauncher $launcher): Command
    {
        $this->assertCount(1, $launcher->launched);

        return $launcher->launched[0];
    }

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

    /** @return list<array<array-key, mixed>> */
    private function entries(string $output): array
    {
        return array_map(static fn (string $line): array => (array) json_decode($line, true, flags: JSON_THROW_ON_ERROR), explode("\n", trim($output)));
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

    /** @param  array<string, mixed>  $options */
    #[TestWith(['reverb:start'])]
    #[TestWith(['reverb:start', ['--check' => true]])]
    #[TestWith(['reverb:config'])]
    public function test_start_fails_with_one_sentence_if_apps_are_not_nested(string $command, array $options = []): void
    {
        $launcher = $this->launcher();
        $this->configure(['reverb.apps.apps' => ['app_id' => '1', 'key' => 'k', 'secret' => 'hush']]);

        [$code, $output] = $this->artisanCall($command, $options);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('config/reverb.php: apps.apps is one app, and must be a list of apps', $output);
        $this->assertStringNotContainsString('hush', $output);
        $this->assertSame([], $launcher->launched);
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

    /** @param  array<string, mixed>  $options */
    #[TestWith(['reverb:start', []])]
    #[TestWith(['reverb:start', ['--check' => true]])]
    #[TestWith(['reverb:config', []])]
    public function test_a_failing_source_of_apps_is_one_sentence(string $command, array $options): void
    {
        $launcher = $this->launcher();

        foreach ([FailingSource::class, UnmadeSource::class] as $class) {
            $this->application()->bind(AppSource::class, $class);

            [$code, $output] = $this->artisanCall($command, $options);
            $output = (string) preg_replace('/\s+/', ' ', $output);

            $this->assertSame(1, $code);
            $this->assertStringContainsString("ERROR The apps cannot be read, because {$class} failed: The <database> is down (".class_basename($class).'.php:', $output);
            $this->assertStringNotContainsString('#0', $output);
        }

        $this->assertSame([], $launcher->launched);
        $this->assertStringContainsString('[previous exception] [object] (RuntimeException(code: 0): The <database>', (string) file_get_contents("{$this->base}/storage/logs/laravel.log"));
    }

    #[TestWith(['reverb:start'])]
    #[TestWith(['reverb:config'])]
    public function test_an_app_provider_of_reverbs_is_one_sentence(string $command): void
    {
        $this->launcher();
        $this->configure(['reverb.apps.provider' => 'database']);

        [$code, $output] = $this->artisanCall($command);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('asks for the app provider [database]', $output);
    }

    public function test_restart_raises_the_flag_of_reverb(): void
    {
        [$code, $output] = $this->artisanCall('reverb:restart');

        $this->assertSame(0, $code);
        $this->assertStringContainsString('Broadcasting Reverb restart signal.', $output);
        $this->assertEqualsWithDelta(time(), Cache::get('laravel:reverb:restart'), 2);
    }

    public function test_config_masks_secrets_without_show_secrets(): void
    {
        [, $output] = $this->artisanCall('reverb:config');
        $this->assertStringNotContainsString('the-secret', $output);
        $this->assertStringContainsString('"secret": "********"', $output);

        [, $output] = $this->artisanCall('reverb:config', ['--show-secrets' => true, '--json' => true]);
        $this->assertStringContainsString('"secret":"the-secret"', $output);
        $this->assertSame(1, substr_count($output, "\n"));
        $this->assertIsArray(json_decode($output, true));
    }

    public function test_config_has_the_redis_address_of_the_restart_flag(): void
    {
        $this->configure([
            'cache.default' => 'redis',
            'cache.prefix' => 'cache_',
            'cache.stores.redis' => ['driver' => 'redis', 'connection' => 'cache'],
            'database.redis' => ['options' => ['prefix' => 'app_'], 'cache' => ['host' => 'redis.test', 'password' => 'the-password', 'database' => '1']],
        ]);

        [, $output] = $this->artisanCall('reverb:config', ['--show-secrets' => true]);
        $this->assertSame(
            ['key' => 'app_cache_laravel:reverb:restart', 'server' => ['host' => 'redis.test', 'port' => 6379, 'password' => 'the-password', 'database' => '1', 'tls' => false]],
            json_decode($output, true)['restart'],
        );
        $this->assertStringNotContainsString('the-password', $this->artisanCall('reverb:config')[1]);

        $this->configure(['cache.default' => 'array']);
        $this->assertStringNotContainsString('"restart"', $this->artisanCall('reverb:config')[1]);
    }
}
