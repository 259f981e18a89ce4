<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Doctor\Probes\Proxy;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class ProxyTest extends DoctorTestCase
{
    /** How each checks its configuration and loads it anew. */
    private const RELOADS = [
        'Nginx' => ' and then: sudo nginx -t && sudo systemctl reload nginx',
        'Caddy' => ', and then: caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy',
        'Apache' => ', and then: sudo apachectl configtest && sudo systemctl reload apache2',
        'HAProxy' => ', and then: sudo haproxy -c -f /etc/haproxy/haproxy.cfg && sudo systemctl reload haproxy',
    ];

    /** @return iterable<string, array{Proxy, Reply, list<string>}> and a part of each fix: upgrade, passing on, upstream, access, redirect, buffer */
    public static function proxies(): iterable
    {
        $of = static fn (array $headers, string $body = '<html>'): Reply => new Reply(502, $headers, $body);

        yield 'nginx' => [Proxy::Nginx, $of(['server' => 'nginx/1.22.1']), ['proxy_set_header Upgrade', 'location ^~ /app/', 'proxy_pass http://127.0.0.1:8080;', 'auth_basic off', 'proxy_pass', 'proxy_buffering off']];
        yield 'OpenResty' => [Proxy::Nginx, $of(['server' => 'openresty']), ['proxy_set_header Upgrade', 'location', 'proxy_pass', 'auth_basic', 'location', 'proxy_buffering']];
        yield 'Caddy' => [Proxy::Caddy, $of(['server' => 'Caddy']), ['block of the site: handle /app/*', 'handle /app/* { reverse_proxy 127.0.0.1:8080 }', 'reverse_proxy 127.0.0.1:8080', 'basic_auth', 'without a redir', 'flush_interval -1']];
        yield 'Caddy, in front of a server with a name' => [Proxy::Caddy, $of(['server' => 'Bun', 'via' => '1.1 Caddy']), ['Caddyfile', 'Caddyfile', 'Caddyfile', 'Caddyfile', 'Caddyfile', 'Caddyfile']];
        yield 'Apache' => [Proxy::Apache, $of(['server' => 'Apache/2.4.57 (Debian)']), ['upgrade=websocket', '<Location "/app/"> ProxyPass "http://127.0.0.1:8080/app/"', 'ProxyPass "http://127.0.0.1:8080/app/"', 'Require all granted', 'RewriteRule', 'flushpackets']];
        yield 'HAProxy' => [Proxy::HAProxy, $of([], "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"), ['mode http', 'use_backend revurb', 'server revurb 127.0.0.1:8080', 'http-request auth', 'http-request redirect', 'timeout tunnel']];
        yield 'one that does not name itself' => [Proxy::Unknown, $of([]), ['headers Upgrade and Connection', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080', 'no password', 'no redirect', 'without a buffer']];
        yield 'another' => [Proxy::Unknown, $of(['server' => 'cloudflare']), ['Upgrade', 'pass', 'the server is', 'password', 'redirect', 'buffer']];
    }

    /** @param  list<string>  $fixes */
    #[DataProvider('proxies')]
    public function test_a_fix_is_worded_for_the_proxy_that_has_responded(Proxy $proxy, Reply $reply, array $fixes): void
    {
        $context = $this->configured();

        $this->assertSame($proxy, Proxy::of($reply));

        foreach ([$proxy->upgrade($context), $proxy->passThrough($context), $proxy->upstream($context), $proxy->open($context, '/app'), $proxy->noRedirect($context, '/app'), $proxy->unbuffered($context)] as $i => $fix) {
            $this->assertStringContainsString($fixes[$i], $fix);
            $this->assertStringContainsString(self::RELOADS[$proxy->name] ?? '', $fix);
        }
    }

    /** The files of `reverb:install` have a rule for the proxy that denies /apps/ to everyone. */
    #[DataProvider('proxies')]
    public function test_where_laravel_is_denied_it_may_also_publish_past_the_proxy(Proxy $proxy): void
    {
        $this->assertStringEndsWith('; or publish past the proxy (docs/proxies.md)', $proxy->open($this->configured(), '/apps'));
        $this->assertStringNotContainsString('past the proxy', $proxy->open($this->configured(), '/app'));
    }

    public function test_a_fix_for_nginx_names_the_place_of_its_lines_and_the_reload(): void
    {
        $this->assertSame(
            'In nginx, in the location of /app/, beside its proxy_pass: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade"; and then: sudo nginx -t && sudo systemctl reload nginx',
            Proxy::Nginx->upgrade($this->configured()),
        );
        $this->assertStringStartsWith('In nginx, in the location of /ws/app/, beside its proxy_pass: proxy_buffering off; and', Proxy::Nginx->unbuffered($this->configured(path: 'ws')));
        $this->assertStringStartsWith('In nginx, in the locations of /app/ and /apps/: proxy_pass http://127.0.0.1:8080; and', Proxy::Nginx->upstream($this->configured()));
        $this->assertStringStartsWith('In nginx, in the server block: location ^~ /app/ {', Proxy::Nginx->passThrough($this->configured()));
    }

    /** @return iterable<string, array{Proxy, string, string}> the fix for /apps, and the one for /app */
    public static function missingPaths(): iterable
    {
        yield 'nginx' => [Proxy::Nginx, 'location ^~ /ws/apps/ { proxy_pass http://127.0.0.1:8080; }', 'location ^~ /ws/app/ { proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade"; }'];
        yield 'Caddy' => [Proxy::Caddy, 'handle /ws/apps/* { reverse_proxy 127.0.0.1:8080 } with a line break after { and before }', 'handle /ws/app/* { reverse_proxy 127.0.0.1:8080 } with a line break after { and before }'];
        yield 'Apache' => [Proxy::Apache, '<Location "/ws/apps/"> ProxyPass "http://127.0.0.1:8080/ws/apps/" </Location> with each tag on its line', '<Location "/ws/app/"> ProxyPass "http://127.0.0.1:8080/ws/app/" upgrade=websocket </Location> with each tag on its line'];
        yield 'HAProxy' => [Proxy::HAProxy, 'use_backend revurb if { path_beg /ws/apps/ } (revurb: the name of the backend that has the other path)', 'use_backend revurb if { path_beg /ws/app/ } (revurb: the name of the backend that has the other path)'];
        yield 'another' => [Proxy::Unknown, 'pass /ws/apps/ on to http://127.0.0.1:8080', 'pass /ws/app/ on to http://127.0.0.1:8080'];
    }

    #[DataProvider('missingPaths')]
    public function test_a_fix_for_one_path_leaves_the_other_one_as_it_is(Proxy $proxy, string $apps, string $app): void
    {
        $context = $this->configured(path: 'ws');
        $lines = static fn (string $fix): string => (string) preg_replace('/^In [^:]+: |, and then: .+$/', '', $fix);

        $this->assertSame([$apps, $app], [$lines($proxy->passThrough($context, ['/apps'])), $lines($proxy->passThrough($context, ['/app']))]);
    }

    #[DataProvider('proxies')]
    public function test_no_line_has_to_be_completed_or_is_cut(Proxy $proxy): void
    {
        $context = $this->configured(path: 'a-prefix');
        $fixes = [$proxy->upgrade($context), $proxy->passThrough($context), $proxy->upstream($context), $proxy->open($context, '/apps'), $proxy->noRedirect($context, '/app'), $proxy->unbuffered($context), Proxy::certificate('chat.test')];

        $this->assertStringNotContainsString('…', implode($fixes));
        $this->assertLessThan(450, max(array_map(strlen(...), $fixes)));
    }

    public function test_an_application_that_responds_in_place_of_a_proxy_is_named(): void
    {
        $context = $this->configured(new \Revurb\Doctor\Context\Publisher(new \Revurb\Doctor\Context\Address(false, 'localhost', 8000), '1', 'key', 'the-secret'));
        $network = FakeNetwork::healthy()->with('http://localhost:8000', new Reply(404, ['x-powered-by' => 'PHP/8.3'], '<html>'));

        $this->assertFound(Status::Problem, ', or the application behind it, answers 404: ', '.env:5 REVERB_PORT=8080 (the server\'s own, or that of the proxy)', $this->publisher($network, $context));
    }

    public function test_a_proxy_in_front_of_another_program_is_not_judged(): void
    {
        $network = (new FakeNetwork)->with('http://127.0.0.1:8080', new Reply(200, [], '<html>'))->with('http://chat.test:80', new Reply(404, ['server' => 'nginx']));

        $this->assertFound(Status::Hint, 'another program has the port', 'See port.', $this->publisher($network));
        $this->assertFound(Status::Hint, 'another program has the port', 'See port.', $this->browser($network));
    }
}
