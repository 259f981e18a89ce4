<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Bridge\Documents;
use Revurb\Bridge\Overrides;
use Revurb\Tests\Support\AppTestCase;

/**
 * Configuration in, document out: what is written here is what the server's own tests read.
 */
final class DocumentsTest extends AppTestCase
{
    private const FIXTURES = __DIR__.'/../../fixtures/bridge';

    private const APP = ['key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456', 'options' => ['host' => 'localhost', 'port' => 443]];

    /** @return array<string, array{array<string, mixed>, Overrides, list<string>}> */
    public static function fixtures(): array
    {
        $all = ['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned'];
        $server = static fn (array $server): array => ['reverb.servers.reverb' => $server];

        return [
            'stock' => [[], new Overrides, []],
            'two-apps' => [['reverb.apps.apps' => [
                [...self::APP, 'allowed_origins' => ['laravel.com', '*.example.com'], 'allow_missing_origin' => true, 'max_connections' => 100],
                [
                    'key' => 'other-key', 'secret' => 'ein Geheimnis: "öffne/dich"', 'app_id' => 654321,
                    'allowed_origins' => ['https://example.org:8443'], 'ping_interval' => 30, 'activity_timeout' => 15,
                    'max_message_size' => 500_000, 'accept_client_events_from' => 'none',
                    'rate_limiting' => ['enabled' => true, 'max_attempts' => 10, 'decay_seconds' => 5, 'terminate_on_limit' => true],
                ],
            ]], new Overrides(host: '127.0.0.1', port: '6001', path: '/ws', hostname: 'ws.example.com', debug: true), $all],
            'tls' => [$server([
                'host' => '0.0.0.0', 'port' => 443, 'hostname' => 'ws.example.com',
                'options' => ['tls' => [
                    'local_cert' => '/etc/ssl/ws.pem', 'local_pk' => '/etc/ssl/ws.key', 'passphrase' => 'open sesame',
                    'cafile' => null, 'ciphers' => '', 'verify_peer' => false,
                ]],
            ]) + ['reverb.apps.apps' => [self::APP]], new Overrides, []],
            'older-config' => [$server(['host' => '0.0.0.0', 'port' => 8080, 'hostname' => null, 'options' => ['tls' => []]]) + [
                'reverb.apps.apps' => [[...self::APP, 'allowed_origins' => ['*'], 'ping_interval' => 60, 'max_message_size' => 10_000]],
            ], new Overrides, []],
            'numeric-strings' => [$server([
                'host' => '0.0.0.0', 'port' => '8080', 'path' => '', 'max_request_size' => '20000', 'scaling' => ['enabled' => 'false'],
                'revurb' => ['drain_seconds' => '5', 'timestamp_tolerance' => '300', 'max_queued_bytes' => '2097152'],
            ]) + ['reverb.apps.apps' => [[
                ...self::APP, 'app_id' => 123456, 'ping_interval' => '60', 'activity_timeout' => '30', 'max_connections' => '5', 'max_message_size' => '10000',
                'rate_limiting' => ['enabled' => '1', 'max_attempts' => '60', 'decay_seconds' => '60', 'terminate_on_limit' => '0'],
            ]]], new Overrides, []],
        ];
    }

    /**
     * @param  array<string, mixed>  $config
     * @param  list<string>  $events
     */
    #[DataProvider('fixtures')]
    public function test_it_writes_the_fixture(array $config, Overrides $overrides, array $events): void
    {
        $this->configure($config);

        $written = $this->make(Documents::class)->write($overrides, $events)->toJson(JSON_PRETTY_PRINT)."\n";

        $file = self::FIXTURES.'/'.$this->dataName().'.json';

        if (getenv('UPDATE_FIXTURES') === '1') {
            file_put_contents($file, $written);
        }

        $this->assertStringEqualsFile($file, $written);
    }

    public function test_every_fixture_is_written_by_a_test(): void
    {
        $names = array_map(static fn (string $file): string => basename($file, '.json'), glob(self::FIXTURES.'/*.json') ?: []);

        $this->assertEqualsCanonicalizing(array_keys(self::fixtures()), $names);
    }

    public function test_it_takes_what_is_no_configuration_at_all(): void
    {
        $this->configure(['reverb' => null]);

        $content = $this->make(Documents::class)->write()->content;

        $this->assertSame(['version' => 1, 'debug' => false, 'events' => [], 'server' => [], 'scaling' => ['enabled' => false], 'apps' => []], $content);
    }

    public function test_lists_are_lists_and_an_empty_rate_limit_is_none(): void
    {
        $this->configure(['reverb.apps.apps' => ['first' => [...self::APP, 'allowed_origins' => [3 => 'a.test'], 'rate_limiting' => []]]]);

        $app = $this->make(Documents::class)->write()->content['apps'][0];

        $this->assertSame(['a.test'], $app['allowed_origins']);
        $this->assertArrayNotHasKey('rate_limiting', $app);
    }

    public function test_scaling_is_passed_on_as_it_is(): void
    {
        $this->configure(['reverb.servers.reverb.scaling.enabled' => 'true']);

        $this->assertSame(['enabled' => 'true'], $this->make(Documents::class)->write()->content['scaling']);
    }
}
