<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Closure;
use GuzzleHttp\Handler\CurlHandler;
use GuzzleHttp\Handler\StreamHandler;
use GuzzleHttp\HandlerStack;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\Download\Downloader;
use Revurb\Bun\Download\FailedDownload;
use Revurb\Bun\Download\Progress;
use Revurb\Bun\Download\Source;
use Revurb\Bun\Download\Transport;
use Revurb\System\Clock;
use Revurb\Tests\Support\ArchiveServer;
use Revurb\Tests\Support\Port;
use Revurb\Tests\Support\RecordedProgress;
use RuntimeException;

/**
 * Downloads over HTTP, with cURL and with PHP's own streams.
 */
final class BunDownloadTest extends TestCase
{
    private const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'ALL_PROXY', 'all_proxy'];

    private const BYTES = 300_000;

    private static string $folder;

    private static ArchiveServer $server;

    /** @var array<string, string|false> */
    private array $environment = [];

    /** @var list<ArchiveServer> */
    private array $started = [];

    public static function setUpBeforeClass(): void
    {
        self::$folder = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir(self::$folder);
        file_put_contents(self::$folder.'/archive', random_bytes(self::BYTES));
        file_put_contents(self::$folder.'/short', 'PK');
        self::$server = new ArchiveServer(self::$folder);
    }

    public static function tearDownAfterClass(): void
    {
        self::$server->stop();
        (new Filesystem)->deleteDirectory(self::$folder);
    }

    protected function setUp(): void
    {
        foreach (self::VARIABLES as $name) {
            $this->environment[$name] = getenv($name);
            putenv($name);
        }
    }

    protected function tearDown(): void
    {
        foreach ($this->environment as $name => $value) {
            putenv($value === false ? $name : "{$name}={$value}");
        }

        foreach ($this->started as $server) {
            $server->stop();
        }
    }

    private function start(string $certificate = '', ?int $proxy = null): ArchiveServer
    {
        return $this->started[] = new ArchiveServer(self::$folder, $certificate, $proxy);
    }

    /** @param  Closure(string): void|null  $to */
    private function download(string $url, bool $isCurl, ?Closure $to = null, ?Progress $progress = null): string
    {
        $received = '';
        $handler = HandlerStack::create($isCurl ? new CurlHandler : new StreamHandler);
        $downloader = new Downloader(transport: new Transport($isCurl), stallSeconds: 1, options: ['handler' => $handler]);
        $to ??= static function (string $bytes) use (&$received): void {
            $received .= $bytes;
        };
        $downloader->fetch(Source::of($url, '1.4.5', 'linux-x64'), $to, $progress ?? new RecordedProgress);

        return $received;
    }

    /** The next version of Guzzle rejects what this one warns of. */
    public function test_no_option_is_deprecated(): void
    {
        $deprecations = [];
        set_error_handler(static function (int $level, string $message) use (&$deprecations): bool {
            $deprecations[] = $message;

            return true;
        }, E_USER_DEPRECATED);

        try {
            $this->download(self::url('files/archive'), true);
            $this->download(self::url('files/archive'), false);
            putenv('HTTP_PROXY=http://127.0.0.1:'.$this->start(proxy: 200)->port);
            $this->download(self::url('files/archive'), true);
            $this->download(self::url('files/archive'), false);
        } finally {
            restore_error_handler();
        }

        $this->assertSame([], $deprecations);
    }

    private function failure(string $url, bool $isCurl): string
    {
        try {
            $this->download($url, $isCurl);
        } catch (FailedDownload $exception) {
            $this->assertDoesNotMatchRegularExpression('/\n|\.$/', $exception->getMessage());

            return $exception->getMessage();
        }

        $this->fail('It was downloaded all the same.');
    }

    /** An address to which nothing is appended, because it contains a placeholder. */
    private static function url(string $path): string
    {
        return self::$server->url($path).'#{version}';
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_file_is_downloaded_with_its_progress(bool $isCurl): void
    {
        $content = file_get_contents(self::$folder.'/archive');

        foreach (['files' => self::BYTES, 'unsized' => ''] as $kind => $bytes) {
            $progress = new RecordedProgress;
            $this->assertTrue($this->download(self::url("{$kind}/archive"), $isCurl, progress: $progress) === $content);
            $this->assertSame(['begin '.self::$server->url("{$kind}/archive")." {$bytes}", 'end '.self::BYTES], $progress->calls);
        }
    }

    #[TestWith([true, 301])]
    #[TestWith([false, 302])]
    #[TestWith([true, 307])]
    public function test_redirects_are_followed_and_their_bodies_are_no_part_of_the_file(bool $isCurl, int $status): void
    {
        $to = rawurlencode(self::$server->url('files/archive'));

        $this->assertTrue($this->download(self::url("redirect/{$status}?to={$to}"), $isCurl) === file_get_contents(self::$folder.'/archive'));
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_endless_redirects_end(bool $isCurl): void
    {
        $to = rawurlencode('/redirect/302?to='.rawurlencode(self::$server->url('redirect/302')));

        $this->assertStringContainsString('or too often', $this->failure(self::$server->url("redirect/302/{version}?to={$to}"), $isCurl));
    }

    #[TestWith([true, 'file:///etc/passwd'])]
    #[TestWith([false, 'ftp://127.0.0.1/archive'])]
    public function test_other_protocols_are_not_followed(bool $isCurl, string $to): void
    {
        $this->assertStringEndsWith('redirects to an address that is neither http nor https, or too often', $this->failure(self::url('redirect/302?to='.rawurlencode($to)), $isCurl));
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_credentials_are_sent_and_never_shown(bool $isCurl): void
    {
        $right = 'http://jane:p%40ss%20word@127.0.0.1:'.self::$server->port.'/protected/archive#{version}';
        $this->assertSame(self::BYTES, strlen($this->download($right, $isCurl)));

        $failure = $this->failure(str_replace('word', 'wort', $right), $isCurl);
        $this->assertStringContainsString('/protected/archive has answered 401: it may need a user name and a password', $failure);
        $this->assertStringNotContainsString('ss', explode('has answered', str_replace('password', '', $failure))[0]);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_credentials_are_not_sent_to_the_host_of_a_redirect(bool $isCurl): void
    {
        $other = $this->start();
        $to = rawurlencode("http://localhost:{$other->port}/files/archive");

        $this->download('http://jane:secret@127.0.0.1:'.self::$server->port."/redirect/302?to={$to}#{version}", $isCurl);

        $requests = self::$server->requests();
        $this->assertStringEndsWith(' jane:secret', (string) end($requests));
        $this->assertSame(['GET /files/archive'], $other->requests());
    }

    #[TestWith([404, 'has answered 404: there is no such file'])]
    #[TestWith([403, 'has answered 403: it may need a user name and a password, or be blocked in this network'])]
    #[TestWith([500, 'has answered 500: it has a fault of its own, and may work later'])]
    #[TestWith([503, 'has answered 503: it has a fault'])]
    #[TestWith([204, 'has answered 204 and not with a file'])]
    #[TestWith([304, 'has answered 304 and not with a file'])]
    public function test_an_answer_without_the_file_is_named(int $status, string $sentence): void
    {
        foreach ([true, false] as $isCurl) {
            $this->assertStringContainsString($sentence, $this->failure(self::url("status/{$status}"), $isCurl));
        }
    }

    public function test_the_host_of_a_redirect_is_named(): void
    {
        $other = $this->start();
        $url = self::url('redirect/302?to='.rawurlencode("http://localhost:{$other->port}/status/404"));

        foreach ([true, false] as $isCurl) {
            $this->assertStringContainsString('which redirects to localhost, has answered 404', $this->failure($url, $isCurl));
        }
    }

    public function test_a_download_that_is_cut_is_named_wherever_it_is(): void
    {
        foreach ([true, false] as $isCurl) {
            for ($percent = 10; $percent < 100; $percent += 10) {
                $received = number_format(self::BYTES * $percent / 1e8, 1);
                $this->assertStringContainsString("was cut off after {$received} MB of 0.3 MB", $this->failure(self::url("cut/{$percent}/archive"), $isCurl));
            }
        }
    }

    /** After one byte, since cURL measures the speed over several seconds. */
    #[TestWith([true, 'has stopped sending after 0.0 MB'])]
    #[TestWith([false, 'was cut off after 0.0 MB of 0.0 MB'])]
    public function test_a_download_that_stalls_ends(bool $isCurl, string $sentence): void
    {
        $this->assertStringContainsString($sentence, $this->failure(self::url('stall/short'), $isCurl));
    }

    /** A byte a second is no stall; neither is the body of an error. */
    #[TestWith([true, 'files/archive'])]
    #[TestWith([false, 'files/archive'])]
    #[TestWith([true, 'status/404'])]
    #[TestWith([false, 'status/404'])]
    public function test_a_download_that_takes_an_hour_ends(bool $isCurl, string $path): void
    {
        $clock = $this->createStub(Clock::class);
        $clock->method('now')->willReturnOnConsecutiveCalls(100.0, 3700.1, 3700.1, 3700.1);
        $downloader = new Downloader(transport: new Transport($isCurl), options: ['handler' => HandlerStack::create($isCurl ? new CurlHandler : new StreamHandler)], clock: $clock);
        $progress = new RecordedProgress;

        try {
            $downloader->fetch(Source::of(self::url($path), '1', 'x'), static function (): void {}, $progress);
            $this->fail('It was downloaded all the same.');
        } catch (FailedDownload $exception) {
            $this->assertSame(self::$server->url($path).' has not arrived within an hour', $exception->getMessage());
            $this->assertSame(['end 0'], $progress->calls);
        }
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_port_where_nothing_listens_is_named(bool $isCurl): void
    {
        $this->assertMatchesRegularExpression('/127\.0\.0\.1 cannot be connected to \(.*(onnect|efused).*\)$/', $this->failure('http://127.0.0.1:'.Port::free().'/', $isCurl));
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_an_unknown_host_is_named(bool $isCurl): void
    {
        $this->assertMatchesRegularExpression('/no-such-host\.invalid (cannot be found in DNS: this machine has no internet|cannot be connected to \(.*not known)/', $this->failure('https://no-such-host.invalid/', $isCurl));
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_an_untrusted_certificate_is_named(bool $isCurl): void
    {
        $server = $this->start(ArchiveServer::certificate(self::$folder.'/certificate.pem'));

        $this->assertMatchesRegularExpression('/127\.0\.0\.1.*\(.*certificate.*\)$/', $failure = $this->failure($server->url('files/archive', 'https').'#{version}', $isCurl));
        $this->assertSame([], $server->requests(), $failure);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_https_is_never_left_for_http(bool $isCurl): void
    {
        $server = $this->start($certificate = ArchiveServer::certificate(self::$folder.'/certificate.pem'));
        $downloader = new Downloader(transport: new Transport($isCurl), options: ['handler' => HandlerStack::create($isCurl ? new CurlHandler : new StreamHandler), 'verify' => $certificate]);
        $requests = count(self::$server->requests());

        $this->expectExceptionObject(new FailedDownload($server->url('redirect/302', 'https').'?… redirects to an address without https, or too often'));

        try {
            $downloader->fetch(Source::of($server->url('redirect/302', 'https').'?to='.rawurlencode(self::url('files/archive')).'#{version}', '1', 'x'), static function (): void {}, new RecordedProgress);
        } finally {
            $this->assertCount($requests, self::$server->requests());
        }
    }

    #[TestWith([true, 'http'])]
    #[TestWith([false, 'http'])]
    #[TestWith([true, 'https'])]
    #[TestWith([false, 'https'])]
    public function test_a_proxy_is_used(bool $isCurl, string $scheme): void
    {
        $certificate = ArchiveServer::certificate(self::$folder.'/certificate.pem');
        $origin = $this->start($scheme === 'https' ? $certificate : '');
        $proxy = $this->start(proxy: 200);
        putenv(strtoupper($scheme)."_PROXY=http://jane:secret@127.0.0.1:{$proxy->port}");
        $received = '';
        $downloader = new Downloader(transport: new Transport($isCurl), options: ['handler' => HandlerStack::create($isCurl ? new CurlHandler : new StreamHandler), 'verify' => $certificate]);
        $to = static function (string $bytes) use (&$received): void {
            $received .= $bytes;
        };
        $progress = new RecordedProgress;
        $fetch = static fn () => $downloader->fetch(Source::of($origin->url('files/archive', $scheme).'#{version}', '1', 'x'), $to, $progress);

        $fetch();
        $this->assertSame(['begin '.$origin->url('files/archive', $scheme).' '.self::BYTES, 'end '.self::BYTES], $progress->calls, 'The tunnel is no file.');
        $this->assertTrue($received === file_get_contents(self::$folder.'/archive'));
        $target = $scheme === 'https' ? "CONNECT 127.0.0.1:{$origin->port}" : 'GET '.$origin->url('files/archive');
        $this->assertSame(["{$target} Proxy-jane:secret"], $proxy->requests());

        putenv('NO_PROXY=127.0.0.1');
        $fetch();
        $this->assertCount(1, $proxy->requests());
    }

    /** The names in small letters are those that cURL and many systems have. */
    #[TestWith([true])]
    #[TestWith([false])]
    public function test_the_variables_of_a_proxy_may_have_small_letters(bool $isCurl): void
    {
        $proxy = $this->start(proxy: 200);
        putenv("http_proxy=http://127.0.0.1:{$proxy->port}");
        $this->assertSame(self::BYTES, strlen($this->download(self::url('files/archive'), $isCurl)));
        $this->assertCount(1, $proxy->requests());

        foreach (['http_proxy', 'HTTP_PROXY'] as $variable) {
            putenv('http_proxy');
            putenv("{$variable}=http://127.0.0.1:{$proxy->port}");
            putenv('no_proxy=127.0.0.1');
            $this->assertStringNotContainsString('proxy', $this->failure('http://127.0.0.1:'.Port::free().'/', $isCurl));
        }

        $this->assertCount(1, $proxy->requests());
    }

    #[TestWith([true, 'http', 407, 'has answered 407 and demands a user name and a password, which belong into HTTP_PROXY'])]
    #[TestWith([false, 'http', 407, 'has answered 407 and demands a user name and a password, which belong into HTTP_PROXY'])]
    #[TestWith([true, 'https', 407, 'The proxy 127.0.0.1:PORT refuses the connection to mirror.invalid'])]
    #[TestWith([false, 'https', 407, 'The proxy 127.0.0.1:PORT refuses the connection to mirror.invalid'])]
    #[TestWith([true, 'http', 403, 'has answered 403'])]
    #[TestWith([true, 'https', 403, 'The proxy 127.0.0.1:PORT refuses the connection to mirror.invalid'])]
    public function test_a_proxy_that_refuses_is_named_without_its_password(bool $isCurl, string $scheme, int $status, string $sentence): void
    {
        $proxy = $this->start(proxy: $status);
        putenv(strtoupper($scheme)."_PROXY=http://jane:secret@127.0.0.1:{$proxy->port}");

        $failure = $this->failure("{$scheme}://mirror.invalid/", $isCurl);

        $this->assertStringContainsString(str_replace('PORT', (string) $proxy->port, $sentence), $failure);
        $this->assertStringNotContainsString('secret', $failure);
        $this->assertCount(1, $proxy->requests());
    }

    public function test_a_certificate_behind_a_proxy_is_named(): void
    {
        $origin = $this->start(ArchiveServer::certificate(self::$folder.'/certificate.pem'));
        $proxy = $this->start(proxy: 200);
        putenv("HTTPS_PROXY=http://127.0.0.1:{$proxy->port}");

        $this->assertStringContainsString("The TLS connection to 127.0.0.1 through the proxy 127.0.0.1:{$proxy->port} has failed", $this->failure($origin->url('files/archive', 'https').'#{version}', true));
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_proxy_that_cannot_be_reached_is_named(bool $isCurl): void
    {
        $port = Port::free();
        putenv("HTTPS_PROXY=http://jane:secret@127.0.0.1:{$port}");

        $this->assertStringContainsString("through the proxy 127.0.0.1:{$port}", $failure = $this->failure('https://mirror.invalid/', $isCurl));
        $this->assertStringNotContainsString('secret', $failure);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_what_its_bytes_lead_to_ends_a_download(bool $isCurl): void
    {
        $calls = 0;

        try {
            $this->download(self::url('files/archive'), $isCurl, static function () use (&$calls): void {
                $calls++;
                throw new RuntimeException('The disk is full.');
            });
            $this->fail('It was downloaded all the same.');
        } catch (RuntimeException $exception) {
            $this->assertSame(['The disk is full.', 1], [$exception->getMessage(), $calls]);
        }
    }

    public function test_a_php_that_cannot_download_is_named(): void
    {
        $this->expectExceptionObject(new FailedDownload('https://mirror.test/bun-v1/bun-x.zip cannot be downloaded, since this PHP has neither the extension curl nor openssl, one of which https needs'));

        (new Downloader(transport: new Transport(false, true, false)))->fetch(Source::of('https://mirror.test', '1', 'x'), static function (): void {}, new RecordedProgress);
    }
}
