<?php

declare(strict_types=1);

namespace Revurb\Tests\Apps;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Apps\ConfiguredApps;
use Revurb\Apps\UnusableApps;

final class ConfiguredAppsTest extends TestCase
{
    public function test_it_lists_the_apps_and_finds_one_by_its_id(): void
    {
        $apps = new ConfiguredApps(['provider' => 'config', 'apps' => [
            'main' => ['app_id' => 1, 'key' => 'one', 'secret' => 's1', 'ping_interval' => '30', 'options' => ['host' => 'x', 'port' => 443, 'scheme' => 'https', 'useTLS' => true, 'client_options' => ['verify' => false]]],
            'not now' => null,
            'nor now' => false,
            ['app_id' => '2', 'key' => 'two', 'secret' => 's2'],
        ]]);

        $this->assertCount(2, $apps->all());
        $this->assertSame('one', $apps->find('1')?->key);
        $this->assertNull($apps->find('3'));
        $this->assertSame(['ping_interval' => '30', 'options' => ['host' => 'x', 'port' => 443, 'scheme' => 'https', 'useTLS' => true]], $apps->all()[0]->settings);
    }

    public function test_an_incomplete_app_is_passed_on_for_the_server_to_validate(): void
    {
        $this->assertNull((new ConfiguredApps(['apps' => [['key' => null]]]))->all()[0]->id);
        $this->assertSame(['id' => 5], (new ConfiguredApps(['apps' => [['id' => 5, 'key' => 'k']]]))->all()[0]->settings);
    }

    public function test_a_configuration_without_apps_yields_an_empty_list(): void
    {
        foreach ([[], ['apps' => null], ['apps' => []], ['apps' => 'text'], ['provider' => 'config', 'apps' => [null]]] as $section) {
            $this->assertSame([], (new ConfiguredApps($section))->all());
        }
    }

    /** @param  array<array-key, mixed>  $section */
    #[TestWith([['provider' => 'config', 'apps' => ['app_id' => 1, 'key' => 'one', 'secret' => 'hush', 'allowed_origins' => ['*']]], 'apps.apps is one app, and must be a list of apps'])]
    #[TestWith([['provider' => 'config', 'apps' => ['key' => 'one']], 'apps.apps is one app'])]
    #[TestWith([[['app_id' => 1, 'key' => 'one', 'secret' => 'hush']], 'an app stands in apps, and must be one level deeper, in the list apps.apps'])]
    #[TestWith([['provider' => 'config', 'main' => ['key' => 'one'], 'apps' => []], 'one level deeper'])]
    #[TestWith([['provider' => 'config', 'key' => 'one', 'secret' => 'hush', 'apps' => [['key' => null]]], 'one level deeper'])]
    #[TestWith([['apps' => [['key' => 'one'], 'hush']], "apps.apps.1 is no app, which would be ['app_id' => …"])]
    public function test_an_error_names_the_invalid_shape_of_apps(array $section, string $message): void
    {
        $apps = new ConfiguredApps($section);

        try {
            $apps->all();
            $this->fail('No fault.');
        } catch (UnusableApps $exception) {
            $this->assertStringStartsWith('config/reverb.php: ', $exception->getMessage());
            $this->assertStringContainsString($message, $exception->getMessage());
            $this->assertStringNotContainsString('hush', $exception->getMessage());
        }

        $this->assertNull($apps->find('none'));
    }
}
