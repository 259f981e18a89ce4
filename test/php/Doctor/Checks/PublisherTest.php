<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Doctor\Context\Address;
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
        yield 'secret' => [new Reply(401, ['revurb-refusal' => 'request-signature']), 'another key or secret', '.env:3 REVERB_APP_SECRET'];
        yield 'clock' => [new Reply(401, ['revurb-refusal' => 'request-timestamp']), 'over 600 seconds off', 'set-ntp'];
        yield 'id' => [new Reply(404, ['revurb-refusal' => 'request-unknown-app']), 'no app with the id 1', '.env:1 REVERB_APP_ID'];
        yield 'disabled' => [new Reply(403, ['revurb-refusal' => 'request-app-disabled']), 'disabled', 'enabled => true'];
        yield 'password' => [new Reply(401, ['server' => 'nginx'], '<html>'), 'nginx on chat.test:80 denies access (401)', 'auth_basic off'];
        yield 'not proxied' => [new Reply(404, ['server' => 'Apache'], '<html>'), 'Apache on chat.test:80 answers 404 itself: /apps is not passed on', 'ProxyPass "http://127.0.0.1:8080/app/"'];
        yield 'another site' => [new Reply(200, [], '<html>'), 'The program that listens on chat.test:80 answers 200 itself', 'pass /app/ and /apps/ on to http://127.0.0.1:8080'];
        yield 'redirect' => [new Reply(301, ['location' => 'https://chat.test/apps/1'], ''), 'redirects to https://chat.test/apps/1', '.env:6 REVERB_SCHEME=https, and .env:5 REVERB_PORT=443'];
        yield 'another redirect' => [new Reply(302, ['location' => '/login'], ''), 'redirects to /login', 'no redirect for /apps'];
        yield 'no server behind the proxy' => [new Reply(502), 'cannot reach the server (502), which is not running', 'php artisan reverb:start'];
        yield 'anything else' => [new Reply(500), 'answers 500', 'log'];
        yield 'name' => [new Unreachable(ConnectionError::UnknownHost), 'chat.test is not known', '.env:4 REVERB_HOST: '];
        yield 'refused' => [new Unreachable(ConnectionError::Refused), 'Nothing listens on chat.test:80', '.env:5 REVERB_PORT=8080 (the server\'s own)'];
        yield 'silent' => [new Unreachable(ConnectionError::Silent, 'Connection timed out'), 'does not answer (Connection timed out)', 'Open port 80 on chat.test'];
        yield 'an open connection without an answer' => [new Unreachable(ConnectionError::Silent), 'accepts the connection and answers nothing', 'php artisan reverb:start'];
        yield 'plain' => [new Unreachable(ConnectionError::Plain), 'plain HTTP', '.env:6 REVERB_SCHEME=http;'];
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

    public function test_a_proxy_that_forwards_elsewhere_is_named(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL, new Reply(504, ['server' => 'nginx']));

        $this->assertFound(Status::Problem, 'which listens on 127.0.0.1:8080', 'proxy_pass http://127.0.0.1:8080;', $this->publisher($network));
    }

    public function test_an_exceeded_request_rate_is_a_warning(): void
    {
        $this->assertFound(Status::Warning, 'rate', 'request_rate_limiting', $this->publisher((new FakeNetwork)->with(self::URL, new Reply(429, ['revurb-refusal' => 'request-rate']))));
    }

    public function test_a_server_without_a_proxy_that_does_not_run_is_named(): void
    {
        $context = $this->configured(new Publisher(new Address(false, 'localhost', 8080), '1', 'key', 'the-secret'));

        $this->assertFound(Status::Problem, 'not running', 'php artisan reverb:start', $this->publisher(new FakeNetwork, $context));
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
