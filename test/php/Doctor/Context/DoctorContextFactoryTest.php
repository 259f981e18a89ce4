<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Context;

use GuzzleHttp\Promise\FulfilledPromise;
use GuzzleHttp\Promise\PromiseInterface;
use GuzzleHttp\Psr7\Response;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Psr\Http\Message\RequestInterface;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\Probes\GuzzleNetwork;
use Revurb\Doctor\Probes\Reply;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;

final class DoctorContextFactoryTest extends DoctorAppTestCase
{
    public function test_the_context_has_the_configuration_of_laravel(): void
    {
        $context = $this->read();

        $this->assertSame('http://127.0.0.1:8080', $context->server->url());
        $this->assertSame('http://chat.test:80', $context->publisher?->address->url());
        $this->assertSame('123456', $context->publisher->id);
        $this->assertSame('ws://chat.test:80', $context->browsers?->address->url(scheme: 'ws'));
        $this->assertSame('the-key', $context->browsers->key);
        $this->assertSame('http://chat.test', $context->browsers->origin);
        $this->assertSame(600, $context->timestampTolerance());
    }

    public function test_options_of_the_command_line_win_over_the_configuration(): void
    {
        $this->assertSame('http://127.0.0.2:6001/ws', $this->read(new Overrides('127.0.0.2', '6001', 'ws'))->server->url());
        $this->configure(['reverb.apps.provider' => 'database']);
        $this->assertSame('http://127.0.0.2:6001/ws', $this->read(new Overrides('127.0.0.2', '6001', 'ws'))->server->url());
    }

    /** @return iterable<string, array{list<string>, string}> */
    public static function browserLines(): iterable
    {
        yield 'all' => [['VITE_REVERB_HOST=ws.test', 'VITE_REVERB_PORT=6001', 'VITE_REVERB_SCHEME=http'], 'ws://ws.test:6001'];
        yield 'host alone, as Echo has its defaults' => [['VITE_REVERB_HOST=ws.test'], 'wss://ws.test:443'];
        yield 'no port' => [['VITE_REVERB_HOST=ws.test', 'VITE_REVERB_SCHEME=http'], 'ws://ws.test:80'];
        yield 'no host' => [['VITE_REVERB_PORT=6001'], 'ws://chat.test:80'];
    }

    /** @param  list<string>  $lines */
    #[DataProvider('browserLines')]
    public function test_the_address_of_browsers_is_read_from_the_variables_of_vite(array $lines, string $url): void
    {
        $this->write($lines);

        $this->assertSame($url, $this->read()->browsers?->address->url(scheme: 'ws'));
    }

    #[TestWith(['/ws/', '/ws'])]
    #[TestWith(['/ws', ''])]
    #[TestWith(['', ''])]
    public function test_the_path_of_the_publisher_ends_at_its_last_slash(string $path, string $prefix): void
    {
        $this->configure(['broadcasting.connections.reverb.options.path' => $path]);

        $this->assertSame($prefix, $this->read()->publisher?->address->path);
    }

    public function test_the_client_is_the_one_that_laravel_publishes_with(): void
    {
        $sent = [];
        $handler = static function (RequestInterface $request, array $options) use (&$sent): PromiseInterface {
            $sent = [(string) $request->getUri(), $options['verify'], $options['proxy']];

            return new FulfilledPromise(new Response(200, ['Date' => 'today'], '{}'));
        };
        $this->configure(['broadcasting.connections.reverb.client_options' => ['verify' => '/ca.pem', 'proxy' => 'http://proxy', 'handler' => $handler]]);
        $publisher = $this->read()->publisher;
        $this->assertNotNull($publisher);

        $reply = (new GuzzleNetwork)->get($publisher->address, '/apps', client: $publisher->client);

        $this->assertSame(['http://chat.test/apps', '/ca.pem', 'http://proxy'], $sent);
        $this->assertEquals(['date' => 'today'], $reply instanceof Reply ? $reply->headers : null);
    }
}
