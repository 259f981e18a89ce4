<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Closure;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use Revurb\Tests\Support\Doctor\Nginx;
use Revurb\Tests\Support\Doctor\OtherProxy;
use Revurb\Tests\Support\RealApp;

/**
 * What the doctor proposes is done, and the doctor run again: with the real server, and the proxies of Debian.
 */
final class DoctorFixesTest extends TestCase
{
    private RealApp $app;

    /** @var list<Nginx|OtherProxy> */
    private array $proxies = [];

    protected function setUp(): void
    {
        $root = dirname(__DIR__, 3);

        foreach (["{$root}/dist/revurb.js" => 'make build', "{$root}/node_modules/.bin/bun" => 'make build'] as $file => $how) {
            if (! is_file($file)) {
                $this->markTestSkipped("{$file} is missing: `{$how}`.");
            }
        }

        $this->app = new RealApp;
        $this->app->environment(
            'APP_URL=http://chat.test', 'QUEUE_CONNECTION=sync', 'BROADCAST_CONNECTION=reverb', 'REVURB_DRAIN_SECONDS=0',
            'REVERB_HOST="127.0.0.1" # where it is', "REVERB_PORT={$this->app->port}", 'REVERB_SCHEME=http',
            'VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"', 'VITE_REVERB_HOST="${REVERB_HOST}"', 'VITE_REVERB_PORT="${REVERB_PORT}"', 'VITE_REVERB_SCHEME="${REVERB_SCHEME}"',
        );
    }

    protected function tearDown(): void
    {
        foreach ($this->proxies as $proxy) {
            $proxy->stop();
        }

        if (isset($this->app)) {
            $this->app->remove();
        }
    }

    private function serve(): void
    {
        $this->app->waitFor($this->app->artisan('reverb:start'), 'Starting server on');
    }

    private function artisan(string ...$command): string
    {
        $artisan = $this->app->artisan(...$command);
        $artisan->wait();

        return $artisan->getOutput().$artisan->getErrorOutput();
    }

    /** @return array<string, array{status: string, code: string, detail: string, fix: string|null}> by their checks */
    private function examine(): array
    {
        $output = $this->artisan('reverb:doctor', '--json');
        $report = json_decode($output, true);
        $this->assertIsArray($report, $output);

        return array_column($report['checks'], null, 'name');
    }

    /**
     * @param  array<string, array{status: string}>  $found
     * @return list<string>
     */
    private function problems(array $found): array
    {
        return array_keys(array_filter($found, static fn (array $check): bool => $check['status'] === 'problem'));
    }

    /** Laravel and browsers come by this proxy from now on. */
    private function behind(Nginx|OtherProxy $proxy): void
    {
        $this->proxies[] = $proxy;
        $this->app->replaceEnvironment('REVERB_PORT', (string) $proxy->port);
    }

    /** @return iterable<string, array{string, string, string, Closure(string): string}> the kind, the fault and the cured configuration as the fix has it */
    public static function faults(): iterable
    {
        $upgrade = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";';
        $lines = self::lines(...);
        $both = static fn (string $one): string => "{$one}\n".str_replace('/app/', '/apps/', str_replace(' upgrade=websocket', '', $one));
        $haproxy = static fn (string $fix): string => preg_match('~(use_backend revurb if { \S+ \S+ } or { \S+ \S+ }).+(server revurb \S+)~', $fix, $lines) === 1 ? "{$lines[1]}\nbackend revurb\n{$lines[2]}\n" : '';

        yield 'nginx that does not pass on' => ['nginx', '', 'not-passed-on', $lines];
        yield 'nginx without upgrade headers' => ['nginx', 'location / { proxy_pass http://SERVER; }', 'no-upgrade', static fn (string $fix): string => 'location / { proxy_pass http://SERVER; '.$lines($fix).' }'];
        yield 'nginx with a wrong upstream' => ['nginx', "location / { proxy_pass http://127.0.0.1:1; {$upgrade} }", 'proxy-without-server', static fn (string $fix): string => 'location / { '.$lines($fix)." {$upgrade} }"];
        yield 'nginx with a password' => ['nginx', 'location / { auth_basic x; auth_basic_user_file /dev/null; }', 'access-denied', static fn (string $fix): string => $both($lines($fix))];
        yield 'Caddy that does not pass on' => ['caddy', '', 'not-passed-on', $lines];
        yield 'Caddy with a wrong upstream' => ['caddy', 'reverse_proxy 127.0.0.1:1', 'proxy-without-server', $lines];
        yield 'Caddy without upgrade headers' => ['caddy', "handle /apps/* {\nreverse_proxy SERVER\n}\nhandle {\nreverse_proxy SERVER {\nheader_up -Upgrade\nheader_up -Connection\n}\n}", 'no-upgrade', static fn (string $fix): string => $both($lines(str_replace(', without header_up for Connection and Upgrade', '', $fix)))];
        yield 'Apache that does not pass on' => ['apache', '', 'not-passed-on', $lines];
        yield 'Apache without upgrade' => ['apache', "ProxyPass \"/app/\" \"http://SERVER/app/\"\nProxyPass \"/apps/\" \"http://SERVER/apps/\"", 'no-upgrade', static fn (string $fix): string => $both($lines($fix))];
        yield 'Apache that denies' => ['apache', "ProxyPass \"/app/\" \"http://SERVER/app/\" upgrade=websocket\nProxyPass \"/apps/\" \"http://SERVER/apps/\"\n<Location \"/app/\">\nRequire all denied\n</Location>", 'access-denied', static fn (string $fix): string => "ProxyPass \"/app/\" \"http://SERVER/app/\" upgrade=websocket\nProxyPass \"/apps/\" \"http://SERVER/apps/\"\n<Location \"/app/\">\nRequire all denied\n</Location>\n".(string) preg_replace('~^(<Location [^>]+>) (.+) (</Location>)$~', "\$1\n\$2\n\$3", $lines($fix))];
        yield 'HAProxy that does not pass on' => ['haproxy', '', 'proxy-without-server', $haproxy];
        yield 'HAProxy with a wrong upstream' => ['haproxy', "  default_backend revurb\nbackend revurb\n  server revurb 127.0.0.1:1", 'proxy-without-server', $haproxy];
    }

    /** @param  Closure(string): string  $cured */
    #[DataProvider('faults')]
    public function test_a_proxy_that_is_changed_as_proposed_passes_everything_on(string $kind, string $rules, string $code, Closure $cured): void
    {
        $this->requireProxy($kind);
        $make = fn (string $rules): Nginx|OtherProxy => $this->proxy($kind, str_replace('SERVER', "127.0.0.1:{$this->app->port}", $rules));
        $this->serve();
        $this->behind($make($rules));
        $before = $this->examine();

        $this->assertSame($code, $before['browser']['code'], $before['browser']['detail']);

        $this->behind($make($cured((string) $before['browser']['fix'])));
        $after = $this->examine();

        $this->assertSame([], $this->problems($after), (string) json_encode($after));
        $this->assertSame('ok', $after['round-trip']['status'], $after['round-trip']['detail']);
    }

    /** @return iterable<string, array{string, string, 'publisher'|'browser'}> the kind, rules that pass on one path, and the check of the other */
    public static function halves(): iterable
    {
        $upgrade = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";';

        yield 'nginx with /app/ alone' => ['nginx', "location /app/ { proxy_pass http://SERVER; {$upgrade} }", 'publisher'];
        yield 'nginx with /apps/ alone' => ['nginx', 'location /apps/ { proxy_pass http://SERVER; }', 'browser'];
        yield 'nginx with /app/ by a regular expression' => ['nginx', "location ~ ^/app/ { proxy_pass http://SERVER; {$upgrade} } location ~ ^/a { return 404; }", 'publisher'];
        yield 'Caddy with /app/ alone' => ['caddy', "handle /app/* {\nreverse_proxy SERVER\n}\nhandle {\nrespond 404\n}", 'publisher'];
        yield 'Caddy with /apps/ alone' => ['caddy', "handle /apps/* {\nreverse_proxy SERVER\n}\nhandle {\nrespond 404\n}", 'browser'];
        yield 'Apache with /app/ alone' => ['apache', 'ProxyPass "/app/" "http://SERVER/app/" upgrade=websocket', 'publisher'];
        yield 'Apache with /apps/ alone' => ['apache', 'ProxyPass "/apps/" "http://SERVER/apps/"', 'browser'];
        yield 'HAProxy with /app/ alone' => ['haproxy', "  use_backend revurb if { path_beg /app/ }\nbackend revurb\n  server revurb SERVER", 'publisher'];
        yield 'HAProxy with /apps/ alone' => ['haproxy', "  use_backend revurb if { path_beg /apps/ }\nbackend revurb\n  server revurb SERVER", 'browser'];
    }

    /** The lines of the fix are added to those that work. */
    #[DataProvider('halves')]
    public function test_the_path_that_a_proxy_lacks_is_added_to_the_one_that_works(string $kind, string $rules, string $check): void
    {
        $rules = str_replace('SERVER', "127.0.0.1:{$this->app->port}", $rules);
        $this->requireProxy($kind);
        $this->serve();
        $this->behind($this->proxy($kind, $rules));
        $before = $this->examine();

        $this->assertSame([$check], $this->problems($before), (string) json_encode($before));
        $this->assertSame("See {$check}.", $before['round-trip']['fix']);

        $lines = self::lines((string) $before[$check]['fix']);
        $this->behind($this->proxy($kind, "{$lines}\n{$rules}"));
        $after = $this->examine();

        $this->assertSame([], $this->problems($after), (string) json_encode($after));
        $this->assertSame('ok', $after['round-trip']['status'], $after['round-trip']['detail']);
    }

    /** What a reader copies from a fix, with the line breaks that it asks for: neither its place nor the reload. */
    private static function lines(string $fix): string
    {
        $lines = (string) preg_replace('/^In [^:]+: |(?: \([^)]+\))?,? and then: .+$/', '', $fix);

        return (string) preg_replace(
            ['/ with (?:a line break after { and before }|each tag on its line)(?: and )?/', '/ (reverse_proxy \S+) (?=})/', '/ (ProxyPass .+?) (?=<\/Location>)/'],
            ["\n", "\n$1\n", "\n$1\n"],
            $lines,
        );
    }

    private function requireProxy(string $kind): void
    {
        $binary = $kind === 'nginx' ? Nginx::BINARY : OtherProxy::BINARIES[$kind] ?? '';

        if (! is_file($binary)) {
            $this->markTestSkipped("{$binary} is missing: `bin/setup test`.");
        }
    }

    public function test_an_origin_that_is_added_as_proposed_is_allowed_after_the_restart(): void
    {
        $config = (string) file_get_contents(dirname(__DIR__, 3).'/php-bridge/config/reverb.php');
        $this->app->write('config/reverb.php', str_replace("['*']", "['other.test']", $config));
        $this->serve();
        $found = $this->examine();

        $this->assertSame(['browser'], $this->problems($found));
        $this->assertSame("config/reverb.php: add 'chat.test' to apps.apps.0.allowed_origins (it has 'other.test'), and then: php artisan reverb:restart", $found['browser']['fix']);

        $this->app->write('config/reverb.php', str_replace("['*']", "['other.test', 'chat.test']", $config));
        $this->artisan('reverb:restart', '--wait');
        $this->assertSame([], $this->problems($this->examine()));
    }

    public function test_another_host_to_listen_on_takes_effect_by_a_stop_and_a_start(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, 'Starting server on');
        $this->app->replaceEnvironment('REVERB_SERVER_HOST', '0.0.0.0');
        $this->artisan('reverb:restart', '--wait');
        $found = $this->examine()['supervisor'];

        // The error names the host that it could not listen on, and where the running server listens.
        $this->assertMatchesRegularExpression("/ {$this->app->port} .* 0\\.0\\.0\\.0 .* 127\\.0\\.0\\.1:{$this->app->port}\\b/", $start->getOutput());
        $this->assertSame('supervisor-stale', $found['code'], $found['detail']);
        $this->assertStringContainsString("It listens on 127.0.0.1:{$this->app->port}, and the configuration has 0.0.0.0:{$this->app->port}.", $found['detail']);
        $this->assertStringStartsWith("Stop this server (pid {$start->getPid()}) and start it again", (string) $found['fix']);

        $start->signal(SIGTERM);
        $start->wait();
        $this->serve();
        $this->assertSame('ok', $this->examine()['supervisor']['status']);
    }

    private function proxy(string $kind, string $rules): Nginx|OtherProxy
    {
        return match ($kind) {
            'caddy', 'apache', 'haproxy' => new OtherProxy($kind, $rules),
            default => new Nginx($rules),
        };
    }

    public function test_the_proposed_port_is_free(): void
    {
        $socket = stream_socket_server("tcp://127.0.0.1:{$this->app->port}");
        $this->assertNotFalse($socket);
        $found = $this->examine();
        $this->assertSame(['port'], $this->problems($found));
        preg_match_all('/\.env:\d+ (\w+)=(\d+)/', (string) $found['port']['fix'], $lines, PREG_SET_ORDER);
        $this->assertSame(['REVERB_SERVER_PORT', 'REVERB_PORT'], array_column($lines, 1), (string) $found['port']['fix']);

        foreach ($lines as [, $name, $value]) {
            $this->app->replaceEnvironment($name, $value);
        }

        $this->serve();
        $found = $this->examine();
        fclose($socket);

        $this->assertSame([], $this->problems($found), (string) json_encode($found));
        $this->assertSame('ok', $found['round-trip']['status']);
    }

    public function test_the_proposed_config_cache_takes_effect(): void
    {
        $this->app->replaceEnvironment('REVERB_APP_KEY', '"a+key = with blanks" # and a comment');
        $this->artisan('config:cache');
        $this->serve();
        $found = $this->examine();

        $this->assertSame([], $this->problems($found), (string) json_encode($found));
        $this->assertSame('ok', $found['round-trip']['status']);
        $this->assertSame('ok', $found['config']['status'], $found['config']['detail']);

        // Laravel uses the cached configuration, and the changed line has to be cached again.
        $this->app->replaceEnvironment('BROADCAST_CONNECTION', 'log');
        $this->artisan('config:cache');
        $found = $this->examine();
        $this->assertSame('broadcasts-elsewhere', $found['addresses']['code']);
        $this->assertMatchesRegularExpression('/^\.env:\d+ BROADCAST_CONNECTION=reverb, and then php artisan config:cache$/', (string) $found['addresses']['fix']);

        $this->app->replaceEnvironment('BROADCAST_CONNECTION', 'reverb');
        $this->assertSame('php artisan config:cache', $this->examine()['addresses']['fix']);
        $this->artisan('config:cache');
        $this->assertSame([], $this->problems($this->examine()));
    }
}
