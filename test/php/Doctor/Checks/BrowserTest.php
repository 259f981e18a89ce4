<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use GuzzleHttp\ClientInterface;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;
use Revurb\Environment\Environment;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class BrowserTest extends DoctorTestCase
{
    private const URL = 'http://chat.test:80/app/';

    public function test_a_websocket_that_opens_is_ok(): void
    {
        $network = FakeNetwork::healthy('http://chat.test:80');

        $this->assertOk($this->browser($network));
        [$url, $headers] = $network->asked[0];
        $this->assertStringStartsWith('http://chat.test:80/app/key?protocol=7', $url);
        $this->assertSame('websocket', $headers['Upgrade']);
        $this->assertSame('Upgrade', $headers['Connection']);
        $this->assertSame('http://chat.test', $headers['Origin'] ?? '');
    }

    /** @return iterable<string, array{Status, Reply|Unreachable, string, string}> */
    public static function faults(): iterable
    {
        yield 'no upgrade headers' => [Status::Problem, new Reply(426, ['server' => 'nginx/1.22.1', 'revurb-refusal' => 'bad-handshake']), 'without its upgrade headers', 'proxy_set_header Upgrade $http_upgrade;'];
        yield 'half of them' => [Status::Problem, new Reply(400, ['server' => 'nginx', 'revurb-refusal' => 'bad-handshake']), 'without its upgrade headers', 'proxy_set_header Connection "Upgrade";'];
        yield 'not proxied' => [Status::Problem, new Reply(404, ['server' => 'nginx'], '<html>'), '/app is not passed on', 'location ^~ /app/ { proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1;'];
        yield 'another bad request' => [Status::Problem, new Reply(400), 'answers 400', 'the server is http://127.0.0.1:8080'];
        yield 'key' => [Status::Problem, FakeNetwork::error(4001), 'no app with the key key', 'reverb:restart'];
        yield 'disabled' => [Status::Problem, FakeNetwork::error(4003), 'disabled', 'enabled => true, and then, where the server runs: php artisan reverb:restart'];
        yield 'quota' => [Status::Warning, FakeNetwork::error(4004), 'all the connections', '(empty: no limit), and then, where the server runs: php artisan reverb:restart'];
        yield 'origin' => [Status::Problem, FakeNetwork::error(4009), 'pages from http://chat.test', "config/reverb.php: add 'chat.test' to apps.apps.0.allowed_origins, and then, where the server runs: php artisan reverb:restart"];
        yield 'full' => [Status::Warning, FakeNetwork::error(4100, 'Over capacity'), 'Over capacity', 'descriptors'];
        yield 'stopping' => [Status::Warning, FakeNetwork::error(4200), 'about to stop', 'again'];
        yield 'anything else' => [Status::Problem, FakeNetwork::error(4999, 'Of another kind'), 'Of another kind', 'restart'];
        yield 'nothing' => [Status::Problem, new Reply(101, ['server' => 'nginx']), 'no frame arrives', 'proxy_buffering off'];
        yield 'refused' => [Status::Problem, new Unreachable(ConnectionError::Refused), 'Nothing listens', '.env:5 REVERB_PORT=8080 (the server\'s own, or that of the proxy), and build the assets again (npm run build)'];
    }

    #[DataProvider('faults')]
    public function test_each_failed_connection_is_named_with_its_fix(Status $status, Reply|Unreachable $answer, string $fault, string $fix): void
    {
        $this->assertFound($status, $fault, $fix, $this->browser((new FakeNetwork)->with(self::URL, $answer)));
    }

    public function test_a_key_that_is_in_no_configuration_is_a_problem(): void
    {
        $context = $this->configured(browsers: new Browsers(new Address(false, 'chat.test', 80), 'other', ''), env: str_replace('"${REVERB_APP_KEY}"', 'other', self::ENV));
        $network = (new FakeNetwork)->with(self::URL, FakeNetwork::error(4001));

        $this->assertFound(Status::Problem, 'no app with the key other', '.env:7 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"', $this->browser($network, $context));
    }

    #[TestWith([0])]
    #[TestWith(['0'])]
    public function test_an_app_with_max_connections_0_is_a_problem(int|string $connections): void
    {
        $context = $this->configured(app: ['max_connections' => $connections]);
        $network = (new FakeNetwork)->with(self::URL, FakeNetwork::error(4004));

        $this->assertFound(Status::Problem, 'No client can connect: max_connections is 0', ', and then, where the server runs: php artisan reverb:restart', $this->browser($network, $context));
    }

    public function test_an_origin_is_added_to_those_that_are_allowed(): void
    {
        $network = FakeNetwork::healthy()->with(self::URL, FakeNetwork::error(4009));
        $fix = fn (array $origins): string => (string) $this->browser($network, $this->configured(app: ['allowed_origins' => $origins]))->fix;

        $this->assertSame("config/reverb.php: add 'chat.test' to apps.apps.0.allowed_origins (it has 'a.test', '*.b.test'), and then: php artisan reverb:restart", $fix(['a.test', '*.b.test']));
        $this->assertStringContainsString("(it has '1', '2', '3', '4', '5' and 2 more), and then", $fix(['1', '2', '3', '4', '5', '6', '7']));
    }

    public function test_a_cached_configuration_is_cached_again_before_the_restart(): void
    {
        $context = $this->configured();
        $cached = new DoctorContext($context->server, $context->document, '', '', $context->publisher, '', $context->browsers, new Environment($context->env->file, isCached: true), $context->secrets);

        $this->assertFound(Status::Problem, 'APP_URL', 'allowed_origins, and then php artisan config:cache, and then: php artisan reverb:restart', $this->browser(FakeNetwork::healthy()->with(self::URL, FakeNetwork::error(4009)), $cached));
    }

    public function test_a_refusal_of_a_request_without_an_origin_is_a_problem(): void
    {
        $context = $this->configured(browsers: new Browsers(new Address(false, 'chat.test', 80), 'key', ''));
        $network = (new FakeNetwork)->with(self::URL, FakeNetwork::error(4009));

        $this->assertFound(Status::Problem, 'without an Origin header', 'add the host of your pages to apps.apps.0.allowed_origins,', $this->browser($network, $context));
        $this->assertArrayNotHasKey('Origin', $network->asked[0][1]);
    }

    public function test_tls_where_plain_http_is_spoken_is_a_problem(): void
    {
        $context = $this->configured(env: str_replace('SCHEME=http', 'SCHEME=https', self::ENV));
        $network = (new FakeNetwork)->with(self::URL, new Unreachable(ConnectionError::Plain));

        $this->assertFound(Status::Problem, 'plain HTTP', '.env:10 VITE_REVERB_SCHEME=http, and build the assets again', $this->browser($network, $context));
    }

    public function test_a_path_prefix_that_the_running_server_lacks_is_a_problem(): void
    {
        $refusal = new Reply(404, ['revurb-refusal' => 'request-path']);
        $network = (new FakeNetwork)->with('http://127.0.0.1:8080', $refusal)->with('http://chat.test:80/', $refusal);

        $this->assertFound(Status::Problem, 'The running server does not know the path /ws', 'php artisan reverb:restart', $this->browser($network, $this->prefixed()));
        $this->assertFound(Status::Problem, 'The running server does not know the path /ws', 'or a proxy that keeps the path', $this->browser((new FakeNetwork)->with('http://chat.test:80/', $refusal), $this->prefixed()));
    }

    public function test_a_path_prefix_that_a_proxy_takes_away_is_a_problem(): void
    {
        $network = FakeNetwork::healthy('http://127.0.0.1:8080/ws')->with('http://chat.test:80/', new Reply(404, ['revurb-refusal' => 'request-path', 'server' => 'Bun', 'via' => '1.1 Caddy']));

        $this->assertFound(Status::Problem, 'the request arrives there without its prefix "/ws"', 'handle /ws/app/*', $this->browser($network, $this->prefixed()));
    }

    private function prefixed(): DoctorContext
    {
        return $this->configured(browsers: new Browsers(new Address(false, 'chat.test', 80, 'ws'), 'key', 'http://chat.test'), path: 'ws');
    }

    public function test_a_certificate_that_browsers_may_trust_is_a_warning(): void
    {
        $context = $this->configured(browsers: new Browsers(new Address(true, 'chat.test', 443), 'key', ''));
        $network = new class implements Network
        {
            public bool $isServed = true;

            public function post(Address $address, string $target, string $json, ?ClientInterface $client = null): Reply
            {
                return new Reply(500);
            }

            public function open(Address $address, string $target, array $headers): Reply
            {
                return new Reply(500);
            }

            public function get(Address $address, string $target, array $headers = [], ?ClientInterface $client = null): Reply
            {
                return new Reply(500);
            }

            public function upgrade(Address $address, string $target, array $headers): Reply|Unreachable
            {
                return match (true) {
                    $address->verify => new Unreachable(ConnectionError::Certificate, 'certificate verify failed'),
                    $this->isServed => FakeNetwork::greeting('pusher:connection_established', '{}'),
                    default => new Reply(502),
                };
            }
        };

        $probes = new Probes($network, $context);
        $check = new \Revurb\Doctor\Checks\Browser($context, $probes, new \Revurb\Doctor\Probes\Diagnosis($context, $probes), $this->zero($context));

        $this->assertFound(Status::Warning, 'certificate verify failed', 'fullchain.pem', $check->run());
        $network->isServed = false;
        $this->assertFound(Status::Problem, 'certificate verify failed', 'fullchain.pem', $check->run());
    }

    public function test_without_an_address_of_browsers_the_check_is_a_problem(): void
    {
        $this->assertFound(Status::Problem, 'No publisher.', 'addresses', $this->browser(new FakeNetwork, $this->configured(isComplete: false)));
    }
}
