<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\Publisher;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class PublisherTest extends DoctorTestCase
{
    private const URL = 'http://chat.test:80/apps/';

    public function test_a_signed_request_that_is_answered_is_ok(): void
    {
        $network = FakeNetwork::healthy('http://chat.test:80');

        $this->assertOk($this->publisher($network));
        [$url] = $network->asked[0];
        parse_str((string) parse_url($url, PHP_URL_QUERY), $query);
        $this->assertIsString($query['auth_timestamp']);
        $this->assertEqualsWithDelta(time(), (int) $query['auth_timestamp'], 5);
        $signed = "GET\n/apps/1/channels\nauth_key=key&auth_timestamp={$query['auth_timestamp']}&auth_version=1.0";
        $this->assertSame(hash_hmac('sha256', $signed, 'the-secret'), $query['auth_signature']);
    }

    /** @return iterable<string, array{Reply|Unreachable, string, string}> */
    public static function faults(): iterable
    {
        yield 'secret' => [new Reply(401, ['revurb-refusal' => 'request-signature']), 'another secret for this app', '.env:3 REVERB_APP_SECRET, and then, where the server runs: php artisan reverb:restart'];
        yield 'key' => [new Reply(401, ['revurb-refusal' => 'request-signature; part=auth_key']), 'another key for this app', '.env:2 REVERB_APP_KEY, and then, where the server runs: php artisan reverb:restart'];
        yield 'clock' => [new Reply(401, ['revurb-refusal' => 'request-timestamp; seconds=700; allowed=600']), 'over 600 seconds off', 'set-ntp'];
        yield 'id' => [new Reply(404, ['revurb-refusal' => 'request-unknown-app']), 'no app with the id 1', '.env:1 REVERB_APP_ID, and then, where the server runs: php artisan reverb:restart'];
        yield 'disabled' => [new Reply(403, ['revurb-refusal' => 'request-app-disabled']), 'disabled', 'enabled => true, and then, where the server runs: php artisan reverb:restart'];
        yield 'password' => [new Reply(401, ['server' => 'nginx'], '<html>'), 'nginx on chat.test:80 denies access (401)', 'auth_basic off'];
        yield 'not proxied' => [new Reply(404, ['server' => 'Apache'], '<html>'), 'Apache on chat.test:80, or the application behind it, answers 404: /apps is not passed on to the server.', '<Location "/apps/"> ProxyPass "http://127.0.0.1:8080/apps/" </Location>'];
        yield 'passed on to the application' => [new Reply(404, ['server' => 'nginx', 'cache-control' => 'no-cache, private'], '<html>'), 'nginx on chat.test:80 answers 404 with a page of Laravel: /apps is passed on to the application and not to the server.', 'location ^~ /apps/ { proxy_pass http://127.0.0.1:8080; }'];
        yield 'another site' => [new Reply(200, [], '<html>'), 'The program that listens on chat.test:80, or the application behind it, answers 200: ', 'pass /apps/ on to http://127.0.0.1:8080'];
        yield 'redirect' => [new Reply(301, ['location' => 'https://chat.test/apps/1'], ''), 'redirects to https://chat.test/apps/1', '.env:6 REVERB_SCHEME=https, and .env:5 REVERB_PORT=443'];
        yield 'another redirect' => [new Reply(302, ['location' => '/login'], ''), 'redirects to /login', 'no redirect for /apps'];
        yield 'no server behind the proxy' => [new Reply(502), 'cannot reach the server (502), which is not running', 'php artisan reverb:start'];
        yield 'anything else' => [new Reply(500), 'answers 500', 'log'];
        yield 'name' => [new Unreachable(ConnectionError::UnknownHost), 'chat.test is not known', '.env:4 REVERB_HOST: '];
        yield 'refused' => [new Unreachable(ConnectionError::Refused), 'Nothing listens on chat.test:80', '.env:5 REVERB_PORT=8080 (the server\'s own, or that of the proxy)'];
        yield 'silent' => [new Unreachable(ConnectionError::Silent, 'Connection timed out'), 'does not answer (Connection timed out)', 'Open port 80 on chat.test'];
        yield 'an open connection without an answer' => [new Unreachable(ConnectionError::Silent), 'accepts the connection and answers nothing', 'php artisan reverb:start'];
        yield 'encrypted' => [new Unreachable(ConnectionError::Encrypted), 'speaks TLS', '.env:6 REVERB_SCHEME=https'];
        yield 'certificate' => [new Unreachable(ConnectionError::Certificate, 'certificate verify failed'), 'certificate verify failed', 'A certificate for chat.test'];
        yield 'tls' => [new Unreachable(ConnectionError::Tls, 'no shared cipher'), 'no shared cipher', 'ssl_protocols'];
        yield 'no http' => [new Unreachable(ConnectionError::NoHttp), 'speaks no HTTP', '.env:5 REVERB_PORT='];
    }

    #[DataProvider('faults')]
    public function test_each_failed_request_is_named_with_its_fix(Reply|Unreachable $answer, string $fault, string $fix): void
    {
        $this->assertFound(Status::Problem, $fault, $fix, $this->publisher((new FakeNetwork)->with(self::URL, $answer)));
    }

    public function test_the_restart_is_on_this_machine_if_the_server_is(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL, new Reply(403, ['revurb-refusal' => 'request-app-disabled']));

        $this->assertFound(Status::Problem, 'disabled', 'enabled => true, and then: php artisan reverb:restart', $this->publisher($network));
    }

    public function test_lines_for_browsers_that_connect_already_are_not_proposed(): void
    {
        $page = new Reply(404, ['server' => 'nginx'], '<html>');
        $working = FakeNetwork::healthy('http://chat.test:80');
        $apps = 'location ^~ /apps/ { proxy_pass http://127.0.0.1:8080; }';
        $app = 'location ^~ /app/ { proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade"; }';
        $fix = static fn (CheckResult $result): string => (string) $result->fix;

        $this->assertStringStartsWith("In nginx, in the server block: {$apps}, and then: ", $fix($this->publisher($working->with(self::URL, $page))));
        $this->assertStringStartsWith("In nginx, in the server block: {$app}, and then: ", $fix($this->browser(FakeNetwork::healthy('http://chat.test:80')->with('http://chat.test:80/app/', $page))));

        $neither = (new FakeNetwork)->with(self::URL, $page)->with('http://chat.test:80/app/', $page);
        $this->assertStringStartsWith("In nginx, in the server block: {$app} {$apps} (`reverb:install --stubs=nginx` writes it), and then: ", $fix($this->publisher($neither)));
        $this->assertSame($fix($this->publisher($neither)), $fix($this->browser($neither)));
    }

    /** @return iterable<string, array{Reply}> */
    public static function otherAnswersToBrowsers(): iterable
    {
        yield 'without upgrade headers' => [new Reply(426)];
        yield 'a refused handshake' => [new Reply(400, ['revurb-refusal' => 'bad-handshake'])];
        yield 'a rule that denies' => [new Reply(403)];
        yield 'a refused client' => [FakeNetwork::error(4009)];
    }

    #[DataProvider('otherAnswersToBrowsers')]
    public function test_lines_for_a_path_with_another_fault_are_not_proposed(Reply $answer): void
    {
        $network = (new FakeNetwork)->with(self::URL, new Reply(404, ['server' => 'nginx']))->with('http://chat.test:80/app/', $answer);

        $this->assertFound(Status::Problem, '/apps is not passed on', 'In nginx, in the server block: location ^~ /apps/ {', $this->publisher($network));
    }

    public function test_lines_for_browsers_are_not_proposed_for_a_proxy_that_they_do_not_use(): void
    {
        $page = new Reply(404, ['server' => 'nginx']);
        $context = $this->configured(browsers: new Browsers(new Address(false, 'ws.test', 80), 'key', ''));

        $this->assertFound(Status::Problem, '/apps is not passed on', 'In nginx, in the server block: location ^~ /apps/ {', $this->publisher((new FakeNetwork)->with(self::URL, $page)->with('http://ws.test:80', $page), $context));
    }

    public function test_haproxy_without_a_backend_for_one_path_is_a_missing_rule(): void
    {
        $answer = new Reply(503, [], "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n");
        $network = FakeNetwork::healthy()->with('http://chat.test:80/app/', FakeNetwork::greeting('pusher:connection_established', '{}'))->with(self::URL, $answer);

        $this->assertFound(Status::Problem, 'HAProxy on chat.test:80 cannot reach the server (503)', 'in the frontend: use_backend revurb if { path_beg /apps/ } (revurb: the name', $this->publisher($network));
        $this->assertFound(Status::Problem, 'HAProxy on chat.test:80 cannot reach the server (503)', 'server revurb 127.0.0.1:8080', $this->publisher(FakeNetwork::healthy()->with(self::URL, $answer)));
    }

    public function test_a_proxy_that_forwards_elsewhere_is_named(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL, new Reply(504, ['server' => 'nginx']));

        $this->assertFound(Status::Problem, 'which listens on 127.0.0.1:8080', 'proxy_pass http://127.0.0.1:8080;', $this->publisher($network));
    }

    public function test_an_exceeded_request_rate_is_a_warning(): void
    {
        $this->assertFound(Status::Warning, 'rate', 'request_rate_limiting, and then, where the server runs: php artisan reverb:restart', $this->publisher((new FakeNetwork)->with(self::URL, new Reply(429, ['revurb-refusal' => 'request-rate']))));
    }

    public function test_a_server_without_a_proxy_that_does_not_run_is_named(): void
    {
        $context = $this->configured(new Publisher(new Address(false, 'localhost', 8080), '1', 'key', 'the-secret'));

        $this->assertFound(Status::Problem, 'not running', 'php artisan reverb:start', $this->publisher(new FakeNetwork, $context));
    }

    public function test_tls_where_plain_http_is_spoken_is_a_problem(): void
    {
        $context = $this->configured(env: str_replace('SCHEME=http', 'SCHEME=https', self::ENV));

        $this->assertFound(Status::Problem, 'plain HTTP', '.env:6 REVERB_SCHEME=http;', $this->publisher((new FakeNetwork)->with(self::URL, new Unreachable(ConnectionError::Plain)), $context));
    }

    public function test_a_path_prefix_that_the_running_server_lacks_is_a_problem(): void
    {
        $refusal = new Reply(404, ['revurb-refusal' => 'request-path']);
        $network = (new FakeNetwork)->with('http://127.0.0.1:8080', $refusal)->with('http://chat.test:80/', $refusal);
        $context = $this->configured(new Publisher(new Address(false, 'chat.test', 80, 'ws'), '1', 'key', 'the-secret'), path: 'ws');

        $this->assertFound(Status::Problem, 'The running server does not know the path /ws', 'php artisan reverb:restart', $this->publisher($network, $context));
    }

    public function test_a_path_prefix_that_the_publisher_lacks_is_a_problem(): void
    {
        $network = (new FakeNetwork)->with(self::URL, new Reply(404, ['revurb-refusal' => 'request-path']));

        $this->assertFound(Status::Problem, 'prefix is "/ws"', "'path' => '/ws/'", $this->publisher($network, $this->configured(path: 'ws')));
    }

    public function test_without_an_address_to_publish_to_the_check_is_a_problem(): void
    {
        $this->assertFound(Status::Problem, 'No publisher.', 'addresses', $this->publisher(new FakeNetwork, $this->configured(isComplete: false)));
    }
}
