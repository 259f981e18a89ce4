<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Illuminate\Filesystem\Filesystem;
use Illuminate\Support\Env;
use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Bridge\Overrides;
use Revurb\Bun\VersionProbe;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Report;
use Revurb\Doctor\Status;
use Revurb\Environment\EnvFile;
use Revurb\Server\ServerScript;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\Doctor\StrictNetwork;

/**
 * Forms of `.env`: working ones have a healthy verdict, and for the others the doctor names the line that fixes them.
 */
final class EnvShapesTest extends AppTestCase
{
    private const STOCK = <<<'ENV'
        APP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
        APP_URL=http://localhost
        CACHE_STORE=file
        QUEUE_CONNECTION=sync
        BROADCAST_CONNECTION=reverb
        REVERB_APP_ID=482910
        REVERB_APP_KEY=app-key
        REVERB_APP_SECRET=app-secret
        REVERB_HOST="localhost"
        REVERB_PORT=8080
        REVERB_SCHEME=http
        VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"
        VITE_REVERB_HOST="${REVERB_HOST}"
        VITE_REVERB_PORT="${REVERB_PORT}"
        VITE_REVERB_SCHEME="${REVERB_SCHEME}"

        ENV;

    private string $text = self::STOCK;

    /** @var list<string> */
    private array $folders = [];

    /** @var array{array<string, string>, array<array-key, mixed>, array<array-key, mixed>} what other tests count on: the variables of the process, of PHP and of the server */
    private array $before;

    protected function env(): string
    {
        return $this->text;
    }

    protected function setUp(): void
    {
        self::forgetLoaded();
        $this->before = [getenv(), $_ENV, $_SERVER];
        self::forget();
        parent::setUp();
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        self::forget();
        $this->restore();
        array_map((new Filesystem)->deleteDirectory(...), $this->folders);
    }

    /** What an application has loaded would be the environment of the next one. */
    private static function forget(): void
    {
        foreach (self::names() as $name) {
            putenv($name);
            unset($_ENV[$name], $_SERVER[$name]);
        }

        Env::enablePutenv();
    }

    /** What an application of another test has loaded is not a part of the environment to restore: Laravel may set it again. */
    private static function forgetLoaded(): void
    {
        $repository = Env::getRepository();

        foreach (self::names() as $name) {
            if ($repository->set($name, (string) $repository->get($name))) {
                putenv($name);
                unset($_ENV[$name], $_SERVER[$name]);
            }
        }
    }

    /** @return list<string> of the variables that the shapes have */
    private static function names(): array
    {
        return array_values(preg_grep('/^(APP_(KEY|URL)|CACHE_|QUEUE_|BROADCAST_|REVERB_|VITE_|PUSHER_|DOMAIN)/', array_map(strval(...), array_keys([...getenv(), ...$_ENV, ...$_SERVER]))) ?: []);
    }

    private function restore(): void
    {
        [$variables, $_ENV, $_SERVER] = $this->before;

        foreach ($variables as $name => $value) {
            putenv("{$name}={$value}");
        }
    }

    /** The report on an application with that .env. */
    private function examine(string $text, ?string $config = null): Report
    {
        $this->text = $text;
        $this->folders[] = $this->base;
        self::forget();
        $this->refreshApplication();

        if ($config !== null) {
            file_put_contents("{$this->base}/config/reverb.php", $config);
            $this->configure(['reverb' => require "{$this->base}/config/reverb.php"]);
        }

        $this->serve();
        $results = [];

        foreach ($this->make(CheckRunner::class)->of($this->make(DoctorContextFactory::class)->read(new Overrides)) as $name => $result) {
            $results[$name] = $result;
        }

        return new Report($results);
    }

    private function serve(): void
    {
        $app = $this->application()->make('config')->get('reverb.apps.apps.0');
        $this->application()->instance(Network::class, new StrictNetwork($app['app_id'], $app['key'], $app['secret'], ['http://127.0.0.1:8080', 'https://chat.test:443']));
        $this->application()->instance(VersionProbe::class, new class implements VersionProbe
        {
            public function versionOf(string $file): string
            {
                return '1.4.5';
            }
        });
        file_put_contents("{$this->base}/bun", "#!/bin/sh\nread -r document\nexit 0\n");
        chmod("{$this->base}/bun", 0700);
        $this->configure(['reverb.servers.reverb.revurb.bun' => "{$this->base}/bun"]);
        $this->application()->instance(ServerScript::class, new ServerScript(__FILE__, ['PATH' => '/usr/bin:/bin']));
    }

    /** @param  array<string, string|null>  $lines  in place of the stock ones; null: without it */
    private static function with(array $lines): string
    {
        $text = self::STOCK;

        foreach ($lines as $name => $written) {
            $text = $written === null
                ? (string) preg_replace("/^{$name}=.*\n/m", '', $text)
                : (new EnvFile($text))->with($name, $written)->text;
        }

        return $text;
    }

    /** @return iterable<string, array{string}> */
    public static function working(): iterable
    {
        yield 'as the installer leaves it' => [self::STOCK];
        yield 'without quotes' => [str_replace('"', '', self::STOCK)];
        yield 'with the line ends of Windows' => [str_replace("\n", "\r\n", self::STOCK)];
        yield 'with a byte order mark' => ["\xEF\xBB\xBF".self::STOCK];
        yield 'with export' => [(string) preg_replace('/^([A-Z])/m', 'export $1', self::STOCK)];
        yield 'with blanks around the equals signs' => [(string) preg_replace('/^(\w+)=/m', '$1 = ', self::STOCK)];
        yield 'with blanks before the names' => [(string) preg_replace('/^([A-Z])/m', '  $1', self::STOCK)];
        yield 'with comments behind the values' => [(string) preg_replace('/^(REVERB_\w+=\S+)$/m', '$1 # for Reverb', self::STOCK)];
        yield 'with comments between the lines' => ["# REVERB_APP_KEY=old\n".self::STOCK."# VITE_REVERB_APP_KEY=old\n"];
        yield 'with values in single quotes' => [self::with(['REVERB_APP_ID' => "'482910'", 'REVERB_APP_KEY' => "'app-key'", 'REVERB_APP_SECRET' => "'app-secret'", 'REVERB_HOST' => "'localhost'"])];
        yield 'defined twice, the first time otherwise' => ["REVERB_APP_KEY=old\nREVERB_PORT=1\nVITE_REVERB_PORT=2\n".self::STOCK];
        yield 'with a value of several lines above' => ["PRIVATE_KEY=\"one\ntwo\nREVERB_PORT=1\nthree\"\n".self::STOCK];
        yield 'a key with a plus sign' => [self::with(['REVERB_APP_KEY' => 'a+b+c'])];
        yield 'a key that is base64' => [self::with(['REVERB_APP_KEY' => 'q83vEjRWeJA='])];
        yield 'a key with a blank' => [self::with(['REVERB_APP_KEY' => '"my key"'])];
        yield 'a key with an ampersand, a tilde and dots, in quotes' => [self::with(['REVERB_APP_KEY' => '"app&key~1.0"'])];
        yield 'a key with an escaped dollar sign' => [self::with(['REVERB_APP_KEY' => '"app\\$key"'])];
        yield 'a key of other letters than ASCII' => [self::with(['REVERB_APP_KEY' => 'schlüssel'])];
        yield 'a key in a comment of its own line' => [self::with(['REVERB_APP_KEY' => 'app-key # not app-key-2'])];
        yield 'a secret with a plus sign and equals signs' => [self::with(['REVERB_APP_SECRET' => 'a+b/c=='])];
        yield 'a secret with blanks' => [self::with(['REVERB_APP_SECRET' => '"a long secret"'])];
        yield 'a secret with a hash' => [self::with(['REVERB_APP_SECRET' => '"a#b"'])];
        yield 'a secret with a dollar sign' => [self::with(['REVERB_APP_SECRET' => 'a$b$1'])];
        yield 'a secret with quotes' => [self::with(['REVERB_APP_SECRET' => '"a\\"b"'])];
        yield 'a secret with an apostrophe' => [self::with(['REVERB_APP_SECRET' => '"it\'s"'])];
        yield 'an id that is a word' => [self::with(['REVERB_APP_ID' => '"my-chat"'])];
        yield 'the key of browsers written out' => [self::with(['VITE_REVERB_APP_KEY' => 'app-key'])];
        yield 'the key of browsers without braces, as Vite expands it' => [self::with(['VITE_REVERB_APP_KEY' => '$REVERB_APP_KEY'])];
        yield 'the lines of browsers above those of Laravel' => [self::moved('VITE_')];
        yield 'without lines for browsers' => [(string) preg_replace('/^VITE_.*\n/m', '', self::STOCK)];
        yield 'a default of dotenv-expand' => [self::with(['VITE_REVERB_HOST' => '"${WS_HOST:-localhost}"'])];
        yield 'a host that is made of another variable' => [str_replace('REVERB_HOST="localhost"', 'REVERB_HOST="${DOMAIN}"', "DOMAIN=chat.test\n".self::with(['REVERB_PORT' => '443', 'REVERB_SCHEME' => 'https']))];
        yield 'a host that is made of a part' => ["DOMAIN=test\n".self::with(['REVERB_HOST' => '"chat.${DOMAIN}"', 'REVERB_PORT' => '443', 'REVERB_SCHEME' => 'https'])];
        yield 'behind a proxy with TLS' => [self::with(['APP_URL' => 'https://chat.test', 'REVERB_HOST' => 'chat.test', 'REVERB_PORT' => '443', 'REVERB_SCHEME' => 'https'])];
        yield 'browsers behind a proxy, and Laravel directly' => [self::with(['APP_URL' => 'https://chat.test', 'VITE_REVERB_HOST' => 'chat.test', 'VITE_REVERB_PORT' => '443', 'VITE_REVERB_SCHEME' => 'https'])];
        yield 'browsers with the ports of Echo' => [self::with(['VITE_REVERB_HOST' => 'chat.test', 'VITE_REVERB_PORT' => null, 'VITE_REVERB_SCHEME' => null])];
        yield 'a port in quotes' => [self::with(['REVERB_PORT' => '"8080"', 'REVERB_SERVER_PORT' => '"8080"'])];
        yield 'listening on an address of this machine' => [self::with(['REVERB_SERVER_HOST' => '127.0.0.1', 'REVERB_SERVER_PORT' => '8080'])];
        yield 'listening on all' => [self::with(['REVERB_SERVER_HOST' => '"0.0.0.0"'])];
        yield 'a quota that is empty' => [self::with(['REVERB_APP_MAX_CONNECTIONS' => ''])];
        yield 'a quota' => [self::with(['REVERB_APP_MAX_CONNECTIONS' => '500'])];
        yield 'the pusher connection, to this server' => [self::pusher()];
        yield 'the pusher connection, with the options of Echo for Reverb' => [str_replace('VITE_PUSHER_', 'VITE_REVERB_', self::pusher())];
        yield 'variables of Pusher without a connection that uses them' => [self::with(['PUSHER_APP_ID' => '', 'PUSHER_APP_KEY' => '', 'PUSHER_APP_SECRET' => '', 'VITE_PUSHER_APP_KEY' => '"${PUSHER_APP_KEY}"', 'VITE_PUSHER_HOST' => '"${PUSHER_HOST}"'])];
        yield 'lines of another package' => [self::with(['SOKETI_HOST' => '0.0.0.0', 'VITE_APP_NAME' => '"${APP_NAME}"'])];
    }

    #[DataProvider('working')]
    public function test_a_working_env_file_is_healthy(string $text): void
    {
        $report = $this->examine($text);

        $this->assertSame('healthy', $report->verdict(), self::print($report));
        $this->assertSame(Code::Ok, $report->results['round-trip']->code, self::print($report));
    }

    /** @return iterable<string, array{string, string, Code, string}> the text, the check, what it finds, and the line to change */
    public static function broken(): iterable
    {
        yield 'log' => [self::with(['BROADCAST_CONNECTION' => 'log']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'null' => [self::with(['BROADCAST_CONNECTION' => 'null']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'a connection that is empty' => [self::with(['BROADCAST_CONNECTION' => '']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'a connection that is not configured' => [self::with(['BROADCAST_CONNECTION' => 'revreb']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'no connection' => [self::with(['BROADCAST_CONNECTION' => null]), 'addresses', Code::BroadcastsElsewhere, '.env, a new line: BROADCAST_CONNECTION=reverb'];
        yield 'the former name of the variable' => [str_replace('BROADCAST_CONNECTION', 'BROADCAST_DRIVER', self::STOCK), 'addresses', Code::BroadcastsElsewhere, '.env, a new line: BROADCAST_CONNECTION=reverb'];
        yield 'Pusher itself' => [self::with(['BROADCAST_CONNECTION' => 'pusher', 'PUSHER_APP_ID' => '1', 'PUSHER_APP_KEY' => 'k', 'PUSHER_APP_SECRET' => 'sssss']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'a connection in a comment' => [self::with(['BROADCAST_CONNECTION' => 'log # reverb']), 'addresses', Code::BroadcastsElsewhere, '.env:5 BROADCAST_CONNECTION=reverb'];
        yield 'a key with a dollar sign, which Vite expands' => [self::with(['REVERB_APP_KEY' => 'app$key']), 'addresses', Code::KeyReadDifferently, '.env:7 REVERB_APP_KEY="app\$key"'];
        yield 'a key with a dollar sign in single quotes' => [self::with(['REVERB_APP_KEY' => "'app\$key'"]), 'addresses', Code::KeyReadDifferently, '.env:7 REVERB_APP_KEY="app\$key"'];
        yield 'a key with an escaped quote' => [self::with(['REVERB_APP_KEY' => '"app\\"key"']), 'addresses', Code::KeyReadDifferently, ".env:7 REVERB_APP_KEY='app\"key'"];
        yield 'a key with a backslash' => [self::with(['REVERB_APP_KEY' => "'app\\key'"]), 'addresses', Code::KeyUnusable, '.env:7 REVERB_APP_KEY: a key of letters'];
        yield 'another key for browsers' => [self::with(['VITE_REVERB_APP_KEY' => 'old-key']), 'addresses', Code::BrowserKeyUnknown, '.env:12 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"'];
        yield 'another key for browsers, below' => [self::STOCK."\nVITE_REVERB_APP_KEY=old-key\n", 'addresses', Code::BrowserKeyUnknown, '.env:17 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"'];
        yield 'another key for browsers, in other lines' => ["PRIVATE_KEY=\"one\ntwo\"\n".self::with(['VITE_REVERB_APP_KEY' => 'old-key']), 'addresses', Code::BrowserKeyUnknown, '.env:14 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"'];
        yield 'a host that is defined below' => [self::with(['REVERB_HOST' => '"${DOMAIN}"'])."DOMAIN=localhost\n", 'addresses', Code::DefinedAfterUse, '.env:9 REVERB_HOST: below the line that defines DOMAIN (.env:16 DOMAIN)'];
        yield 'a key that is defined below' => [self::with(['REVERB_APP_KEY' => '"${DOMAIN}"'])."DOMAIN=app-key\n", 'addresses', Code::DefinedAfterUse, '.env:7 REVERB_APP_KEY: below the line that defines DOMAIN (.env:16 DOMAIN)'];
        yield 'an address to listen on' => [self::with(['REVERB_HOST' => '0.0.0.0']), 'addresses', Code::HostUnusable, '.env:9 REVERB_HOST=localhost'];
        yield 'a host with its scheme' => [self::with(['REVERB_HOST' => 'http://localhost']), 'addresses', Code::HostUnusable, '.env:9 REVERB_HOST=localhost'];
        yield 'a host with its scheme for browsers' => [self::with(['VITE_REVERB_HOST' => 'http://localhost:8080']), 'addresses', Code::HostUnusable, '.env:13 VITE_REVERB_HOST=localhost'];
        yield 'no host' => [self::with(['REVERB_HOST' => '']), 'addresses', Code::PublisherMissing, 'reverb:install'];
        yield 'a port on which nothing listens' => [self::with(['REVERB_PORT' => '6001']), 'publisher', Code::ConnectionRefused, '.env:10 REVERB_PORT=8080'];
        yield 'a port of browsers on which nothing listens' => [self::with(['VITE_REVERB_PORT' => '6001']), 'browser', Code::ConnectionRefused, '.env:14 VITE_REVERB_PORT=8080'];
        yield 'a scheme that is not spoken' => [self::with(['REVERB_SCHEME' => 'https']), 'publisher', Code::PlainHttp, '.env:11 REVERB_SCHEME=http'];
        yield 'no scheme, which is https' => [self::with(['REVERB_SCHEME' => null]), 'publisher', Code::PlainHttp, '.env, a new line: REVERB_SCHEME=http'];
        yield 'a scheme of browsers that is not spoken' => [self::with(['VITE_REVERB_SCHEME' => 'https']), 'browser', Code::PlainHttp, '.env:15 VITE_REVERB_SCHEME=http'];
        yield 'plain HTTP where TLS is spoken' => [self::with(['REVERB_HOST' => 'chat.test', 'REVERB_PORT' => '443']), 'publisher', Code::TlsExpected, '.env:11 REVERB_SCHEME=https'];
        yield 'plain WebSockets where TLS is spoken' => [self::with(['VITE_REVERB_HOST' => 'chat.test', 'VITE_REVERB_PORT' => '443']), 'browser', Code::TlsExpected, '.env:15 VITE_REVERB_SCHEME=https'];
        yield 'pages over https, and a server without' => [self::with(['APP_URL' => 'https://chat.test']), 'browser', Code::MixedContent, '.env:14 VITE_REVERB_PORT: the port where your web server has TLS'];
        yield 'a host that is not known' => [self::with(['REVERB_HOST' => 'reverb.invalid']), 'publisher', Code::HostUnknown, '.env:9 REVERB_HOST: a name'];
        yield 'a quota of 0' => [self::with(['REVERB_APP_MAX_CONNECTIONS' => '0']), 'limits', Code::NoConnectionsAllowed, '.env:16 REVERB_APP_MAX_CONNECTIONS='];
        yield 'a port that is none' => [self::with(['REVERB_SERVER_PORT' => '80a']), 'port', Code::PortInvalid, '.env:16 REVERB_SERVER_PORT=8080'];
        yield 'pages over https, and ws' => [self::with(['APP_URL' => 'https://chat.test', 'VITE_REVERB_HOST' => 'chat.test', 'VITE_REVERB_PORT' => '443']), 'addresses', Code::MixedContent, '.env:15 VITE_REVERB_SCHEME=https'];
        yield 'the key of browsers with the pusher connection' => [str_replace('VITE_PUSHER_APP_KEY="${PUSHER_APP_KEY}"', 'VITE_PUSHER_APP_KEY=old-key', self::pusher()), 'addresses', Code::BrowserKeyUnknown, '.env:12 VITE_PUSHER_APP_KEY="${PUSHER_APP_KEY}"'];
        yield 'the port of the pusher connection' => [str_replace('PUSHER_PORT=8080', 'PUSHER_PORT=6001', self::pusher()), 'publisher', Code::ConnectionRefused, '.env:10 PUSHER_PORT=8080'];
    }

    #[DataProvider('broken')]
    public function test_a_broken_env_file_is_named_with_the_line_that_fixes_it(string $text, string $check, Code $code, string $line): void
    {
        $before = $this->examine($text);
        $fix = (string) $before->results[$check]->fix;

        $this->assertSame($code, $before->results[$check]->code, self::print($before));
        $this->assertStringContainsString($line, $fix);
        $this->assertNotSame('healthy', $before->verdict());

        $changed = self::applied($fix, $text);

        if ($changed === null) {
            // The value is for people to choose.
            $this->assertDoesNotMatchRegularExpression('/ [A-Z_]+=\S/', $fix);

            return;
        }

        $after = $this->examine($changed);

        $this->assertSame(Status::Ok, $after->results[$check]->status, self::print($after));

        foreach ($after->results as $name => $result) {
            $this->assertLessThanOrEqual(self::rank($before->results[$name]), self::rank($result), "{$name}: ".self::print($after));
        }
    }

    /** The quota that a cast makes 0: its line in config/reverb.php is named. */
    public function test_a_quota_that_a_cast_turns_into_0_is_named(): void
    {
        $config = str_replace("env('REVERB_APP_MAX_CONNECTIONS')", "(int) env('REVERB_APP_MAX_CONNECTIONS')", (string) file_get_contents(dirname(__DIR__, 3).'/test/php/StandIns/reverb.php'));
        $report = $this->examine(self::STOCK, $config);
        $line = substr_count(strstr($config, "'max_connections'", before_needle: true) ?: '', "\n") + 1;

        $this->assertSame(Code::NoConnectionsAllowed, $report->results['limits']->code, self::print($report));
        $this->assertSame("config/reverb.php:{$line} 'max_connections' => env('REVERB_APP_MAX_CONNECTIONS'), without a cast: null is no limit, and then: php artisan reverb:restart", $report->results['limits']->fix);
    }

    /** The text with every line of the fix in it; null: the fix has none with a value. */
    private static function applied(string $fix, string $text): ?string
    {
        preg_match_all('/\.env(?::(?<line>\d+)|, a new line:) (?<name>[A-Z_]+)=(?<written>"(?:\\\\.|[^"])*"|\'[^\']*\'|[^\s,;:]*)/', $fix, $lines, PREG_SET_ORDER);

        foreach ($lines as ['line' => $number, 'name' => $name, 'written' => $written]) {
            $file = new EnvFile($text);
            self::assertSame($number === '' ? null : (int) $number, $file->definition($name)?->line, $fix);
            $text = $file->with($name, $written)->text;
        }

        return $lines === [] ? null : $text;
    }

    private static function rank(CheckResult $result): int
    {
        return match ($result->status) {
            Status::Ok, Status::Hint => 0,
            Status::Warning => 1,
            Status::Problem => 2,
        };
    }

    private static function print(Report $report): string
    {
        return (string) json_encode(array_filter($report->toArray()['checks'], static fn (array $check): bool => $check['status'] !== 'ok'), JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }

    /** The stock lines with those of one kind above the others. */
    private static function moved(string $start): string
    {
        $lines = explode("\n", self::STOCK);

        return implode("\n", [...preg_grep("/^{$start}/", $lines) ?: [], ...preg_grep("/^{$start}/", $lines, PREG_GREP_INVERT) ?: []]);
    }

    /** An application that keeps the variables of Pusher, with this server in them. */
    private static function pusher(): string
    {
        $text = str_replace(['REVERB_APP_', 'REVERB_HOST', 'REVERB_PORT', 'REVERB_SCHEME'], ['PUSHER_APP_', 'PUSHER_HOST', 'PUSHER_PORT', 'PUSHER_SCHEME'], self::STOCK);
        $text = str_replace('BROADCAST_CONNECTION=reverb', 'BROADCAST_CONNECTION=pusher', $text);

        // The server's own app.
        return "{$text}REVERB_APP_ID=\"\${PUSHER_APP_ID}\"\nREVERB_APP_KEY=\"\${PUSHER_APP_KEY}\"\nREVERB_APP_SECRET=\"\${PUSHER_APP_SECRET}\"\n";
    }
}
