<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Tests\Support\Doctor\Nginx;
use Revurb\Tests\Support\Port;
use Revurb\Tests\Support\RealApp;
use Symfony\Component\Process\Process;

/**
 * Runs the doctor on the real server behind Debian's nginx, with one connection broken at a time.
 */
final class DoctorTest extends TestCase
{
    private const UPGRADE = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";';

    private RealApp $app;

    private ?Nginx $nginx = null;

    protected function setUp(): void
    {
        $root = dirname(__DIR__, 3);

        foreach (["{$root}/dist/revurb.js" => 'make build', "{$root}/node_modules/.bin/bun" => 'make build', Nginx::BINARY => 'bin/setup test'] as $file => $how) {
            if (! is_file($file)) {
                $this->markTestSkipped("{$file} is missing: `{$how}`.");
            }
        }

        $this->app = new RealApp;
    }

    protected function tearDown(): void
    {
        $this->nginx?->stop();

        if (isset($this->app)) {
            $this->app->remove();
        }
    }

    public function test_a_healthy_application_behind_nginx_is_healthy(): void
    {
        $this->proxy($this->block('^/apps?/'));
        $this->publicly($this->nginx->port ?? 0);
        $this->serve();

        $found = $this->examine(0);

        $this->assertSame('healthy', $found['verdict']);
        $this->assertStringContainsString('runs on the current configuration', $found['supervisor']['detail']);
        $this->assertMatchesRegularExpression('/received after \d+ ms$/', $found['round-trip']['detail']);
        $this->assertSame([], $this->problems($found));
        $this->assertSame('ok', $found['publisher']['status']);
        $this->assertSame('ok', $found['browser']['status']);
        $this->assertStringContainsString('held by the server (bun, pid ', $found['port']['detail']);
    }

    public function test_a_healthy_application_with_tls_in_nginx_is_healthy(): void
    {
        $this->serve();
        $this->proxy(Nginx::certificate($this->app->base).$this->block('^/apps?/'), 'ssl');
        $this->publicly($this->nginx->port ?? 0, 'https', 'localhost');
        $this->app->write('booted.php', "<?php config(['broadcasting.connections.reverb.client_options.verify' => '{$this->app->base}/cert.pem']);");

        $found = $this->examine(0);

        $this->assertSame('ok', $found['publisher']['status'], $found['publisher']['detail']);
        // Browsers may know the authority of this certificate; PHP does not.
        $this->assertSame('warning', $found['browser']['status'], $found['browser']['detail']);
        $this->assertStringContainsString('certificate', $found['browser']['detail']);
    }

    public function test_a_wrong_port_is_named(): void
    {
        $this->serve();
        $this->publicly($wrong = Port::free());

        $found = $this->examine(1);

        $this->assertSame(['publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString("Nothing listens on 127.0.0.1:{$wrong}.", $found['publisher']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_PORT')} REVERB_PORT={$this->app->port}", $found['publisher']['fix']);
        $this->assertStringContainsString("{$this->line('REVERB_PORT')} REVERB_PORT={$this->app->port}", $found['browser']['fix']);
        $this->assertStringContainsString('npm run build', $found['browser']['fix']);
    }

    public function test_a_proxy_that_forwards_to_a_wrong_port_is_named(): void
    {
        $this->serve();
        $this->proxy($this->block('^/apps?/', port: Port::free()));
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString('nginx', $found['publisher']['detail']);
        $this->assertStringContainsString('cannot reach the server (502)', $found['publisher']['detail']);
        $this->assertStringContainsString("proxy_pass http://127.0.0.1:{$this->app->port};", $found['publisher']['fix']);
        $this->assertStringContainsString("proxy_pass http://127.0.0.1:{$this->app->port};", $found['browser']['fix']);
    }

    public function test_a_proxy_without_upgrade_headers_is_named(): void
    {
        $this->serve();
        $this->proxy($this->block('^/apps?/', headers: ''));
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['browser'], $this->problems($found));
        $this->assertStringContainsString('without its upgrade headers', $found['browser']['detail']);
        $this->assertStringContainsString(self::UPGRADE, $found['browser']['fix']);
    }

    public function test_a_proxy_that_does_not_pass_on_apps_is_named(): void
    {
        $this->serve();
        $this->proxy($this->block('^/app/'));
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['publisher'], $this->problems($found));
        $this->assertStringContainsString('nginx', $found['publisher']['detail']);
        $this->assertStringContainsString(', or the application behind it, answers 404: /apps is not passed on', $found['publisher']['detail']);
        $this->assertStringContainsString('In nginx, in the server block: location ^~ /apps/ { proxy_pass http://127.0.0.1:'.$this->app->port.'; }', $found['publisher']['fix']);
    }

    public function test_a_site_that_answers_in_place_of_the_server_is_named(): void
    {
        $this->serve();
        $this->proxy($this->block('^/apps/').'location / { default_type text/html; return 200 "<html>a shop</html>"; }');
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['browser'], $this->problems($found));
        $this->assertStringContainsString(', or the application behind it, answers 200: /app is not passed on', $found['browser']['detail']);
    }

    public function test_a_port_that_speaks_http_where_https_is_configured_is_named(): void
    {
        $this->serve();
        $this->proxy($this->block('^/apps?/'));
        $this->publicly($this->nginx->port ?? 0, 'https');

        $found = $this->examine(1);

        $this->assertSame(['publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString('speaks plain HTTP', $found['publisher']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_SCHEME')} REVERB_SCHEME=http;", $found['publisher']['fix']);
        $this->assertStringContainsString('speaks plain HTTP', $found['browser']['detail']);
    }

    public function test_a_port_that_speaks_https_where_http_is_configured_is_named(): void
    {
        $this->serve();
        $this->proxy(Nginx::certificate($this->app->base).$this->block('^/apps?/'), 'ssl');
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString('speaks TLS', $found['publisher']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_SCHEME')} REVERB_SCHEME=https", $found['publisher']['fix']);
        $this->assertStringContainsString('speaks TLS', $found['browser']['detail']);
    }

    public function test_a_redirect_to_https_is_named(): void
    {
        $this->serve();
        $this->proxy('return 301 https://chat.test:8443$request_uri;');
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString('redirects to https://chat.test:8443/app', $found['browser']['detail']);
        $this->assertStringContainsString('REVERB_SCHEME=https', $found['browser']['fix']);
        $this->assertStringContainsString('REVERB_PORT=8443', $found['browser']['fix']);
    }

    public function test_a_redis_that_is_down_is_named(): void
    {
        if (! extension_loaded('redis')) {
            $this->markTestSkipped('The PHP extension redis is missing: `bin/setup test`.');
        }

        $this->serve();
        $this->publicly($this->app->port, 'http', '127.0.0.1', 'CACHE_STORE=redis', 'REDIS_HOST=127.0.0.1', 'REDIS_PORT='.($port = Port::free()), 'REDIS_PASSWORD=the-password-that-is-masked');

        $found = $this->examine(1);

        $this->assertSame(['redis', 'cache'], $this->problems($found));
        $this->assertStringContainsString("127.0.0.1:{$port}, for the cache store redis: Connection refused", $found['redis']['detail']);
        $this->assertStringContainsString("{$this->line('REDIS_HOST')} REDIS_HOST and {$this->line('REDIS_PORT')} REDIS_PORT", $found['redis']['fix']);
    }

    public function test_an_unwritable_cache_is_named(): void
    {
        $this->serve();
        $this->publicly($this->app->port);
        // root writes where there is no permission, but not where there is no folder.
        $folder = "{$this->app->base}/storage/framework/cache/data";
        // The supervisor publishes its state there, and may create the folder again meanwhile.
        while (! is_file($folder)) {
            (new Filesystem)->deleteDirectory($folder);
            @fopen($folder, 'x');
            clearstatcache();
        }

        $found = $this->examine(1);

        $this->assertSame(['cache'], $this->problems($found));
        $this->assertStringContainsString('reverb:restart cannot reach the server', $found['cache']['detail']);
        $this->assertSame('cache-folder-missing', $found['cache']['code']);
        $this->assertStringStartsWith("rm {$folder} && mkdir -p {$folder}", $found['cache']['fix']);
    }

    public function test_a_server_that_is_not_running_is_named(): void
    {
        $this->proxy($this->block('^/apps?/'));
        $this->publicly($this->nginx->port ?? 0);

        $found = $this->examine(1);

        $this->assertSame(['server', 'publisher', 'browser'], $this->problems($found));
        $this->assertSame('php artisan reverb:start', $found['server']['fix']);
        $this->assertSame('php artisan reverb:start', $found['browser']['fix']);
        $this->assertStringContainsString('free', $found['port']['detail']);
    }

    public function test_another_program_on_the_port_is_named(): void
    {
        $socket = stream_socket_server("tcp://127.0.0.1:{$this->app->port}");
        $this->assertNotFalse($socket);
        $this->publicly($this->app->port);

        $found = $this->examine(1);
        fclose($socket);

        $this->assertSame(['port'], $this->problems($found));
        $this->assertSame('port-taken', $found['port']['code']);
        $this->assertStringContainsString('Another program listens there', $found['port']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_SERVER_PORT')} REVERB_SERVER_PORT=", $found['port']['fix']);
    }

    public function test_a_configuration_that_the_server_rejects_is_named(): void
    {
        $this->publicly($this->app->port, 'http', '127.0.0.1', 'REVERB_SERVER_PORT=70000', 'REVERB_APP_PING_INTERVAL=often');

        $found = $this->examine(1);

        $this->assertContains('config', $this->problems($found));
        $this->assertStringContainsString('servers.reverb.port (REVERB_SERVER_PORT, --port) ', $found['config']['detail']);
        $this->assertStringContainsString('apps.apps.0.ping_interval (REVERB_APP_PING_INTERVAL) ', $found['config']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_SERVER_PORT')} REVERB_SERVER_PORT", $found['config']['fix']);
        $this->assertStringContainsString('70000 is no port.', $found['port']['detail']);
    }

    public function test_a_url_as_host_to_listen_on_is_named(): void
    {
        $this->publicly($this->app->port, 'http', '127.0.0.1');
        $this->app->replaceEnvironment('REVERB_SERVER_HOST', 'http://0.0.0.0');

        $found = $this->examine(1);

        $this->assertContains('config', $this->problems($found));
        $this->assertMatchesRegularExpression('#servers\.reverb\.host \(REVERB_SERVER_HOST, --host\) .*"http://0\.0\.0\.0"#', $found['config']['detail']);
        $this->assertStringContainsString("{$this->line('REVERB_SERVER_HOST')} REVERB_SERVER_HOST", $found['config']['fix']);
    }

    #[TestWith(['[::]'])]
    #[TestWith(['[::1]'])]
    #[TestWith(['localhost'])]
    public function test_common_spellings_of_a_host_to_listen_on_are_healthy(string $host): void
    {
        $this->app->replaceEnvironment('REVERB_SERVER_HOST', $host);
        $this->publicly($this->app->port, 'http', $host === '[::1]' ? '::1' : '127.0.0.1');
        $this->serve($host === 'localhost' ? '127.0.0.1' : $host);

        $found = $this->examine(0);

        $this->assertSame([], $this->problems($found));
        $this->assertStringContainsString('held by the server (bun, pid ', $found['port']['detail']);
    }

    #[TestWith(['-1'])]
    #[TestWith(['7'])]
    public function test_a_certificate_that_expires_soon_or_has_expired_is_named(string $days): void
    {
        (new Process(['openssl', 'req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=chat.test', '-keyout', 'key.pem', '-out', 'request.pem'], $this->app->base))->mustRun();
        (new Process(['openssl', 'x509', '-req', '-in', 'request.pem', '-signkey', 'key.pem', '-days', $days, '-out', 'cert.pem'], $this->app->base))->mustRun();
        $this->app->write('config/reverb.php', '<?php return array_replace_recursive(require "'.dirname(__DIR__, 3).'/php-bridge/config/reverb.php", ["servers" => ["reverb" => ["options" => ["tls" => ["local_cert" => "cert.pem", "local_pk" => "key.pem"]]]]]);');
        $this->publicly($this->app->port, 'https', '127.0.0.1');

        $found = $this->examine(1);

        $this->assertSame('warning', $found['config']['status']);
        $this->assertMatchesRegularExpression('/cert\.pem, .* '.gmdate('Y-m-d', time() + (int) $days * 86_400).'/', $found['config']['detail']);
        $this->assertStringContainsString('servers.reverb.options.tls.local_cert', $found['config']['fix']);
    }

    public function test_a_server_that_was_started_before_a_change_of_the_secret_is_named(): void
    {
        $this->serve();
        $this->publicly($this->app->port, 'http', '127.0.0.1', 'REVERB_APP_SECRET=another-one-that-is-masked');

        $found = $this->examine(1);

        $this->assertSame(['server', 'publisher'], $this->problems($found));
        $this->assertStringContainsString('older configuration: with another secret', $found['server']['detail']);
        $this->assertStringContainsString('reverb:restart', $found['server']['fix']);
        $this->assertStringContainsString($this->line('REVERB_APP_SECRET'), $found['publisher']['fix']);
    }

    public function test_a_server_that_was_started_before_a_change_of_the_key_is_named(): void
    {
        $this->serve();
        $this->publicly($this->app->port, 'http', '127.0.0.1', 'REVERB_APP_KEY=another-key');

        $found = $this->examine(1);

        $this->assertSame(['server', 'publisher', 'browser'], $this->problems($found));
        $this->assertStringContainsString('older configuration: with another app key.', $found['server']['detail']);
        $this->assertSame('php artisan reverb:restart', $found['server']['fix']);
        $this->assertStringContainsString('it has another key for this app', $found['publisher']['detail']);
        $this->assertStringContainsString($this->line('REVERB_APP_KEY'), $found['publisher']['fix']);
    }

    public function test_a_configuration_that_was_cached_before_a_change_of_the_key_is_cached_again(): void
    {
        $this->publicly($this->app->port);
        $this->serve();
        $this->app->artisan('config:cache')->wait();
        $this->app->environment('REVERB_APP_KEY=another-key');

        $found = $this->examine(1);

        $this->assertSame(['addresses', 'browser'], $this->problems($found));
        $this->assertSame('php artisan config:cache, and then php artisan reverb:restart', $found['addresses']['fix']);
        $this->assertSame('php artisan config:cache, and then php artisan reverb:restart', $found['browser']['fix']);
    }

    public function test_a_server_that_was_started_before_a_change_of_the_prefix_is_named(): void
    {
        $this->serve();
        $this->publicly($this->app->port, 'http', '127.0.0.1', 'REVERB_SERVER_PATH=ws');

        $found = $this->examine(1);

        $this->assertSame(['server', 'browser'], $this->problems($found));
        $this->assertStringContainsString('older configuration: with another path.', $found['server']['detail']);
        $this->assertStringContainsString('The running server does not know the path /ws/app: it was started with another REVERB_SERVER_PATH.', $found['browser']['detail']);
        $this->assertSame('php artisan reverb:restart', $found['browser']['fix']);
    }

    public function test_the_output_has_a_line_for_each_check_and_two_more_for_a_problem(): void
    {
        $this->serve();
        $this->proxy($this->block('^/apps?/', headers: ''));
        $this->publicly($this->nginx->port ?? 0);

        $doctor = $this->app->artisan('reverb:doctor', '--no-interaction');
        $doctor->wait();
        $output = $doctor->getOutput();

        $this->assertSame(1, $doctor->getExitCode(), $output.$doctor->getErrorOutput());
        $this->assertMatchesRegularExpression('~^  ✓ publisher +http://127\.0\.0\.1:\d+/apps/123456 answers a signed call$~m', $output);
        $this->assertMatchesRegularExpression('~^  ✗ browser +ws://127\.0\.0\.1:\d+/app/the-key\n      The proxy .+\n      → In nginx, in the location of .+$~m', $output);
        $this->assertStringContainsString('Broken: browser.', $output);
        $this->assertStringNotContainsString("\e", $output);
        $this->assertStringNotContainsString('is-masked', $output);
    }

    private function serve(string $host = '127.0.0.1'): void
    {
        $this->app->environment('REVURB_DRAIN_SECONDS=0');
        $this->app->waitFor($this->app->artisan('reverb:start'), "Starting server on {$host}:{$this->app->port}");
    }

    private function proxy(string $server, string $listen = ''): void
    {
        $this->nginx = new Nginx($server, $listen);
    }

    private function block(string $path, string $headers = self::UPGRADE, ?int $port = null): string
    {
        $port ??= $this->app->port;

        return "location ~ {$path} { proxy_pass http://127.0.0.1:{$port}; {$headers} }";
    }

    private function publicly(int $port, string $scheme = 'http', string $host = '127.0.0.1', string ...$more): void
    {
        $this->app->environment(
            'APP_URL=http://chat.test',
            'BROADCAST_CONNECTION=reverb',
            'QUEUE_CONNECTION=sync',
            "REVERB_HOST=\"{$host}\"",
            "REVERB_PORT={$port}",
            "REVERB_SCHEME={$scheme}",
            'VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"',
            'VITE_REVERB_HOST="${REVERB_HOST}"',
            'VITE_REVERB_PORT="${REVERB_PORT}"',
            'VITE_REVERB_SCHEME="${REVERB_SCHEME}"',
            ...$more,
        );
    }

    /** Such as `.env:12`. */
    private function line(string $name): string
    {
        $lines = preg_grep("/^{$name}=/", file("{$this->app->base}/.env") ?: []) ?: [];

        return '.env:'.((int) array_key_last($lines) + 1);
    }

    /** @return array<string, mixed> the verdict, and every check by its name */
    private function examine(int $exitCode): array
    {
        $doctor = $this->app->artisan('reverb:doctor', '--json');
        $doctor->wait();
        $output = $doctor->getOutput();

        $this->assertSame($exitCode, $doctor->getExitCode(), $output.$doctor->getErrorOutput());
        $this->assertStringNotContainsString('is-masked', $output);
        $report = json_decode($output, true);
        $this->assertIsArray($report, $output);
        $this->assertSame($exitCode === 1, $report['verdict'] === 'broken');

        return ['verdict' => $report['verdict'], ...array_column($report['checks'], null, 'name')];
    }

    /**
     * @param  array<string, mixed>  $found
     * @return list<string>
     */
    private function problems(array $found): array
    {
        return array_keys(array_filter($found, static fn (mixed $check): bool => is_array($check) && $check['status'] === 'problem'));
    }
}
