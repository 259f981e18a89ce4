<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Overrides;
use Revurb\Tests\Support\AppTestCase;

/**
 * Configuration in, document out: what is written here is what the server's own tests read.
 */
final class DocumentBuilderTest extends AppTestCase
{
    private const FIXTURES = __DIR__.'/../../fixtures/bridge';

    private const APP = ['key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456', 'options' => ['host' => 'localhost', 'port' => 443]];

    /** @return array<string, array{array<string, mixed>, Overrides, list<string>}> */
    public static function fixtures(): array
    {
        $all = ['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned'];
        $server = static fn (array $server): array => ['reverb.servers.reverb' => $server];
        $scaling = static fn (array $scaling): array => [
            'app.key' => 'base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=', 'database.redis.options.prefix' => 'laravel_database_',
            'reverb.apps.apps' => [self::APP],
        ] + $server(['scaling' => $scaling]);

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
            'pusher-limits' => [['reverb.apps.apps' => [
                [...self::APP, 'limits' => 'pusher'],
                [...self::APP, 'key' => 'other-key', 'app_id' => '654321', 'limits' => ['preset' => 'pusher', 'presence_members' => '500', 'client_events_per_second' => null]],
            ]], new Overrides, []],
            'numeric-strings' => [$server([
                'host' => '0.0.0.0', 'port' => '8080', 'path' => '', 'max_request_size' => '20000', 'scaling' => ['enabled' => 'false'],
                'revurb' => ['drain_seconds' => '5', 'timestamp_tolerance' => '300', 'max_queued_bytes' => '2097152', 'max_total_queued_bytes' => '134217728', 'max_messages_per_second' => '500', 'max_bytes_per_second' => '500000', 'idempotency_seconds' => '60'],
            ]) + ['reverb.apps.apps' => [[
                ...self::APP, 'app_id' => 123456, 'ping_interval' => '60', 'activity_timeout' => '30', 'max_connections' => '5', 'max_message_size' => '10000',
                'enabled' => '1', 'subscription_count' => 'true', 'cache' => ['ttl' => '60', 'max_channels' => null],
                'limits' => ['presence_members' => '500', 'client_events_per_second' => '0'],
                'rate_limiting' => ['enabled' => 'true', 'max_attempts' => '60', 'decay_seconds' => '60', 'terminate_on_limit' => '0'],
                'request_rate_limiting' => ['enabled' => 'false', 'max_attempts' => '50'],
            ]]], new Overrides, []],
            'everything' => [$server([
                'host' => '0.0.0.0', 'port' => 8080, 'path' => 'ws', 'hostname' => 'ws.example.com', 'max_request_size' => 20_000,
                'options' => ['tls' => ['local_cert' => '/etc/ssl/ws.pem']], 'scaling' => ['enabled' => false],
                'revurb' => ['bun' => '/usr/bin/bun', 'drain_seconds' => 5, 'timestamp_tolerance' => 300, 'max_queued_bytes' => 2_097_152, 'max_total_queued_bytes' => 134_217_728, 'max_messages_per_second' => 0, 'max_bytes_per_second' => 0, 'idempotency_seconds' => 0],
            ]) + ['reverb.apps.apps' => [[
                ...self::APP, 'enabled' => false, 'allowed_origins' => ['laravel.com'], 'allow_missing_origin' => true, 'check_protocol' => true,
                'ping_interval' => 30, 'activity_timeout' => 15, 'max_connections' => 100, 'max_message_size' => 20_000, 'accept_client_events_from' => 'all',
                'subscription_count' => true, 'cache' => ['ttl' => 60, 'max_channels' => 50, 'max_bytes' => 65_536],
                'limits' => [
                    'channels_per_event' => 20, 'events_per_batch' => 50, 'event_name_length' => 100, 'event_data_bytes' => 10_240, 'channel_name_length' => 164, 'channel_name_charset' => 'pusher',
                    'channels_per_socket' => 200, 'presence_members' => 1_000, 'presence_user_info_bytes' => 2_048, 'client_events_per_second' => 25, 'watchlist_users' => 10,
                ],
                'rate_limiting' => ['enabled' => true, 'max_attempts' => 10, 'decay_seconds' => 5, 'terminate_on_limit' => true],
                'request_rate_limiting' => ['enabled' => true, 'max_attempts' => 500, 'decay_seconds' => 2],
            ]]], new Overrides, []],
            'scaling' => [$scaling(['enabled' => 'true', 'channel' => 'reverb', 'server' => [
                'url' => 'rediss://chat:open%20sesame@redis.example.com:6380/3?timeout=2.5', 'host' => '127.0.0.1', 'port' => '6379',
                'username' => null, 'password' => null, 'database' => '0', 'timeout' => 60, 'sentinels' => null, 'cluster' => null,
            ]]), new Overrides, []],
            'scaling-tls' => [$scaling(['enabled' => true, 'secret' => 'the-scaling-secret', 'server' => [
                'host' => 'redis.internal', 'port' => '6380', 'password' => 'the-password', 'context' => ['stream' => [
                    'cafile' => '/etc/ssl/redis-ca.pem', 'local_cert' => '/etc/ssl/chat.pem', 'local_pk' => '/etc/ssl/chat.key',
                    'passphrase' => 'open sesame', 'peer_name' => null, 'verify_peer' => '', 'verify_peer_name' => false,
                ]],
            ]]), new Overrides, []],
            'scaling-sentinels' => [$scaling(['enabled' => true, 'channel' => 'sockets', 'secret' => 'the-scaling-secret', 'server' => [
                'host' => '127.0.0.1', 'port' => '6379', 'username' => '', 'password' => 'the-password', 'database' => '1', 'timeout' => '5',
                'sentinels' => '10.0.0.1:26379, 10.0.0.2:26380,[fd00::3]', 'master' => 'chat', 'sentinel_password' => 'the-sentinels-password',
            ]]), new Overrides, []],
            'scaling-cluster' => [$scaling(['enabled' => true, 'secret' => 'the-scaling-secret', 'server' => [
                'host' => '127.0.0.1', 'scheme' => 'tls', 'username' => 'default', 'password' => 'the-password', 'database' => '0', 'prefix' => 'chat:',
                'cluster' => [['host' => '10.0.0.1', 'port' => '7000', 'password' => null], '10.0.0.2:7001', ['host' => 'tls://redis-3.example.com']],
            ]]), new Overrides, []],
        ];
    }

    /**
     * @param  array<string, mixed>  $config
     * @param  list<string>  $events
     */
    #[DataProvider('fixtures')]
    public function test_it_builds_the_document_of_each_fixture(array $config, Overrides $overrides, array $events): void
    {
        $this->configure($config);

        $written = $this->make(DocumentBuilder::class)->build($overrides, $events)->toJson(JSON_PRETTY_PRINT)."\n";

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

    public function test_an_application_without_any_configuration_gets_a_document(): void
    {
        $this->configure(['reverb' => null]);

        $content = $this->make(DocumentBuilder::class)->build()->content;

        $this->assertSame(['version' => 1, 'debug' => false, 'events' => [], 'server' => [], 'scaling' => ['enabled' => false], 'apps' => []], $content);
    }

    public function test_lists_in_the_configuration_are_lists_in_json(): void
    {
        $this->configure(['reverb.apps.apps' => ['first' => [...self::APP, 'allowed_origins' => [3 => 'a.test']]]]);

        $this->assertSame(['a.test'], $this->make(DocumentBuilder::class)->build()->content['apps'][0]['allowed_origins']);
    }

    public function test_the_server_gets_the_names_of_unknown_keys_of_revurb_without_their_values(): void
    {
        $options = ['drain_secs' => 'hush', 'unset' => null, 'drain_seconds' => 5, 'bun' => '/bun', 'log' => 'text', 'log_channel' => 'stack', 'port' => 1, 'tls' => 'hush', 'hush'];
        $this->configure(['reverb' => ['servers' => ['reverb' => ['port' => 8080, 'revurb' => $options]]]]);

        $this->assertSame(['port' => 8080, 'drain_seconds' => 5, 'drain_secs' => ''], $this->make(DocumentBuilder::class)->build()->content['server']);
    }

    #[TestWith(['cache'])]
    #[TestWith(['limits'])]
    #[TestWith(['rate_limiting'])]
    #[TestWith(['request_rate_limiting'])]
    public function test_an_empty_group_is_left_out(string $group): void
    {
        $this->configure(['reverb.apps.apps' => [[...self::APP, $group => []]]]);

        $this->assertArrayNotHasKey($group, $this->make(DocumentBuilder::class)->build()->content['apps'][0]);
    }
}
