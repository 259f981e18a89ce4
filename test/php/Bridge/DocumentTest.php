<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use JsonException;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\Document;

final class DocumentTest extends TestCase
{
    /**
     * @param  array<string, mixed>  $server
     * @param  array<string, mixed>  $scaling
     */
    private function document(array $server = [], string $secret = 'hush', array $scaling = ['enabled' => false]): Document
    {
        return new Document([
            'version' => 1, 'debug' => false, 'events' => [], 'server' => $server,
            'scaling' => $scaling, 'apps' => [['app_id' => '1', 'key' => 'k', 'secret' => $secret]],
        ]);
    }

    public function test_a_document_is_one_line_of_json(): void
    {
        $this->assertStringNotContainsString("\n", $this->document(secret: "two\nlines")->toJson());
    }

    /** @param  array<string, mixed>  $server */
    #[TestWith([[], "\xff", 'apps.apps.0.secret, or its variable in .env: Malformed UTF-8'])]
    #[TestWith([['hostname' => "\xff"], '', 'servers.reverb.hostname, or'])]
    #[TestWith([['drain_seconds' => "\xff"], '', 'servers.reverb.revurb.drain_seconds, or'])]
    #[TestWith([['tls' => ['local_cert' => "\xff"]], '', 'servers.reverb.options.tls.local_cert, or'])]
    #[TestWith([['port' => NAN], '', 'servers.reverb.port, or its variable in .env: Inf and NaN'])]
    public function test_an_error_about_a_value_that_is_not_utf8_names_its_key(array $server, string $secret, string $sentence): void
    {
        $this->expectException(JsonException::class);
        $this->expectExceptionMessage($sentence);

        $this->document($server, $secret)->toJson();
    }

    public function test_a_masked_document_contains_no_secret_of_apps_and_tls(): void
    {
        $json = $this->document(['tls' => ['local_cert' => '/c.pem', 'passphrase' => 'sesame']])->masked()->toJson();

        $this->assertStringNotContainsString('hush', $json);
        $this->assertStringNotContainsString('sesame', $json);
        $this->assertStringContainsString('"secret":"********"', $json);
        $this->assertStringContainsString('/c.pem', $json);
    }

    public function test_a_masked_document_contains_no_secret_of_scaling(): void
    {
        $scaling = ['enabled' => true, 'channel' => 'c', 'secret' => 'sesame', 'server' => ['host' => 'redis.test', 'username' => 'chat', 'password' => 'hush', 'sentinel_password' => 123456]];

        $masked = $this->document(scaling: $scaling)->masked()->content['scaling'];

        $this->assertSame(['enabled' => true, 'channel' => 'c', 'secret' => '********', 'server' => ['host' => 'redis.test', 'username' => 'chat', 'password' => '********', 'sentinel_password' => '********']], $masked);
    }

    public function test_a_masked_document_contains_no_passphrase_of_redis(): void
    {
        $server = ['host' => 'redis.test', 'tls' => ['local_cert' => '/c.pem', 'passphrase' => 'sesame']];
        $masked = $this->document(scaling: ['enabled' => true, 'server' => $server])->watching(['key' => 'k', 'server' => $server])->masked();

        $this->assertStringNotContainsString('sesame', $masked->toJson());
        $this->assertSame(2, substr_count($masked->toJson(), '"tls":{"local_cert":"/c.pem","passphrase":"********"}'));
    }

    public function test_a_masked_document_gains_no_password_that_is_not_set(): void
    {
        $scaling = ['enabled' => true, 'server' => ['host' => 'redis.test', 'password' => null]];

        $this->assertSame($scaling, $this->document(scaling: $scaling)->masked()->content['scaling']);
    }

    public function test_a_document_with_invalid_utf8_throws(): void
    {
        $this->expectException(JsonException::class);

        $this->document(secret: "\xff")->toJson();
    }

    /** @param  array<string, mixed>  $server */
    #[TestWith([['drain_seconds' => '3'], 3.0])]
    #[TestWith([['drain_seconds' => 0], 0.0])]
    #[TestWith([['drain_seconds' => false], 0.0])]
    #[TestWith([['drain_seconds' => 'soon'], 10.0])]
    #[TestWith([[], 10.0])]
    public function test_drain_seconds_are_10_by_default_and_0_if_switched_off(array $server, float $seconds): void
    {
        $this->assertSame($seconds, $this->document($server)->drainSeconds());
    }
}
