<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Revurb\Tests\Support\CommandTestCase;

final class ShowConfigTest extends CommandTestCase
{
    public function test_config_masks_secrets_without_show_secrets(): void
    {
        [, $output] = $this->artisanCall('reverb:config');
        $this->assertStringNotContainsString('the-secret', $output);
        $this->assertStringContainsString('"secret": "********"', $output);

        [, $output] = $this->artisanCall('reverb:config', ['--show-secrets' => true, '--json' => true]);
        $this->assertStringContainsString('"secret":"the-secret"', $output);
        $this->assertSame(1, substr_count($output, "\n"));
        $this->assertIsArray(json_decode($output, true));
    }

    public function test_config_has_the_redis_address_of_the_restart_flag(): void
    {
        $this->configure([
            'cache.default' => 'redis',
            'cache.prefix' => 'cache_',
            'cache.stores.redis' => ['driver' => 'redis', 'connection' => 'cache'],
            'database.redis' => ['options' => ['prefix' => 'app_'], 'cache' => ['host' => 'redis.test', 'password' => 'the-password', 'database' => '1']],
        ]);

        [, $output] = $this->artisanCall('reverb:config', ['--show-secrets' => true]);
        $this->assertSame(
            ['key' => 'app_cache_laravel:reverb:restart', 'server' => ['host' => 'redis.test', 'port' => 6379, 'password' => 'the-password', 'database' => '1', 'tls' => false]],
            json_decode($output, true)['restart'],
        );
        $this->assertStringNotContainsString('the-password', $this->artisanCall('reverb:config')[1]);

        $this->configure(['cache.default' => 'array']);
        $this->assertStringNotContainsString('"restart"', $this->artisanCall('reverb:config')[1]);
    }
}
