<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use Illuminate\Config\Repository;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\Scaling;
use Revurb\Bridge\TlsOptions;

final class ScalingTest extends TestCase
{
    private const KEY = 'base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';

    /**
     * @param  array<string, mixed>  $scaling
     * @param  array<string, mixed>  $redis
     */
    private function scaling(array $scaling, array $redis = [], mixed $key = self::KEY): Scaling
    {
        return new Scaling(new ReverbConfig(new Repository([
            'app' => ['key' => $key],
            'database' => ['redis' => $redis],
            'reverb' => ['servers' => ['reverb' => ['scaling' => $scaling]]],
        ])), new TlsOptions(__DIR__, null));
    }

    public function test_scaling_is_enabled_by_the_values_that_the_server_reads_as_true(): void
    {
        $written = json_decode((string) file_get_contents(__DIR__.'/../../fixtures/booleans.json'), true, flags: JSON_THROW_ON_ERROR);
        $this->assertIsArray($written);

        foreach ($written as [$value, $is]) {
            $this->assertSame($is === true, $this->scaling(['enabled' => $value, 'secret' => 's'])->isEnabled(), var_export($value, true));
        }
    }

    #[TestWith([[], false])]
    #[TestWith([['enabled' => null], false])]
    #[TestWith([['enabled' => false], false])]
    #[TestWith([['enabled' => 'false'], 'false'])]
    #[TestWith([['enabled' => '0'], '0'])]
    #[TestWith([['enabled' => 'loud'], 'loud'])]
    public function test_disabled_scaling_has_no_other_settings(mixed $scaling, mixed $enabled): void
    {
        $scaling = $this->scaling([...(array) $scaling, 'channel' => 'c', 'secret' => 's', 'server' => ['host' => '/run/redis.sock']]);

        $this->assertFalse($scaling->isEnabled());
        $this->assertSame(['enabled' => $enabled], $scaling->toArray());
    }

    #[TestWith([true])]
    #[TestWith(['true'])]
    #[TestWith([1])]
    #[TestWith(['1'])]
    public function test_enabled_scaling_has_channel_secret_and_redis(mixed $enabled): void
    {
        $scaling = $this->scaling(['enabled' => $enabled, 'channel' => 'c', 'secret' => 's', 'server' => ['host' => 'redis.test']]);

        $this->assertTrue($scaling->isEnabled());
        $this->assertSame(
            ['enabled' => $enabled, 'channel' => 'c', 'secret' => 's', 'server' => ['host' => 'redis.test', 'port' => 6379, 'tls' => false]],
            $scaling->toArray(),
        );
    }

    /**
     * @param  array<string, mixed>  $scaling
     * @param  array<string, mixed>  $redis
     */
    #[TestWith([[], [], 'reverb'])]
    #[TestWith([['channel' => null], ['options' => ['prefix' => 'chat_']], 'chat_reverb'])]
    #[TestWith([['channel' => 'sockets'], ['options' => ['prefix' => 'chat_']], 'chat_sockets'])]
    #[TestWith([['channel' => 7], [], '7'])]
    #[TestWith([['channel' => ['x']], ['options' => ['prefix' => 'chat_']], ['x']])]
    #[TestWith([['server' => ['prefix' => 'other:']], ['options' => ['prefix' => 'chat_']], 'other:reverb'])]
    #[TestWith([['server' => ['prefix' => '']], ['options' => ['prefix' => 'chat_']], 'reverb'])]
    #[TestWith([[], ['options' => null], 'reverb'])]
    public function test_the_channel_has_the_prefix(array $scaling, array $redis, mixed $channel): void
    {
        $this->assertSame($channel, $this->scaling(['enabled' => true, ...$scaling], $redis)->toArray()['channel']);
    }

    #[TestWith([null])]
    #[TestWith([''])]
    public function test_without_a_secret_one_is_derived_from_app_key(?string $secret): void
    {
        $scaling = $this->scaling(['enabled' => true, 'secret' => $secret])->toArray();

        $this->assertSame('ec1524b841f130a7be896f5d373bf34a20d2f653b37af88c8558a34503f411e8', $scaling['secret']);
        $this->assertStringNotContainsString(self::KEY, (string) json_encode($scaling, JSON_UNESCAPED_SLASHES));
    }

    #[TestWith([null])]
    #[TestWith([''])]
    public function test_without_app_key_there_is_no_derived_secret(?string $key): void
    {
        $this->assertArrayNotHasKey('secret', $this->scaling(['enabled' => true], key: $key)->toArray());
    }

    #[TestWith([[]])]
    #[TestWith([['server' => []]])]
    #[TestWith([['server' => null]])]
    public function test_without_redis_settings_laravels_default_connection_is_used(mixed $scaling): void
    {
        $scaling = $this->scaling(['enabled' => true, ...(array) $scaling], ['default' => ['host' => 'redis.test', 'port' => '7000']])->toArray();

        $this->assertSame(['host' => 'redis.test', 'port' => '7000', 'tls' => false], $scaling['server']);
    }

    public function test_revurbs_keys_apply_to_laravels_default_connection_too(): void
    {
        $redis = ['default' => ['host' => 'redis.test', 'password' => 'p', 'context' => ['stream' => ['cafile' => '/ca.pem']]]];
        $added = ['sentinels' => null, 'master' => null, 'context' => ['stream' => ['cafile' => null]]];

        $server = $this->scaling(['enabled' => true, 'server' => $added], $redis)->toArray()['server'];
        $this->assertSame(['host' => 'redis.test', 'port' => 6379, 'password' => 'p', 'tls' => ['cafile' => '/ca.pem']], $server);

        $server = $this->scaling(['enabled' => true, 'server' => ['sentinels' => 'a.test', 'master' => 'chat'] + $added], $redis)->toArray()['server'];
        $this->assertSame(['sentinels' => [['host' => 'a.test', 'port' => 26379]], 'master' => 'chat', 'password' => 'p', 'tls' => ['cafile' => '/ca.pem']], $server);
    }

    public function test_laravels_default_connection_keeps_its_options(): void
    {
        $redis = ['options' => ['prefix' => 'chat_', 'context' => ['stream' => ['cafile' => '/ca.pem']]], 'default' => ['host' => 'redis.test']];
        $scaling = $this->scaling(['enabled' => true], $redis)->toArray();

        $this->assertSame('chat_reverb', $scaling['channel']);
        $this->assertSame(['host' => 'redis.test', 'port' => 6379, 'tls' => ['cafile' => '/ca.pem']], $scaling['server']);

        $own = $this->scaling(['enabled' => true, 'server' => ['host' => 'own.test']], $redis)->toArray();
        $this->assertSame(['host' => 'own.test', 'port' => 6379, 'tls' => false], $own['server']);
    }
}
