<?php

declare(strict_types=1);

namespace Revurb\Tests\Apps;

use PHPUnit\Framework\TestCase;
use Revurb\Apps\ConfiguredApps;

final class ConfiguredAppsTest extends TestCase
{
    public function test_it_finds_apps_by_id_and_by_key(): void
    {
        $apps = new ConfiguredApps([
            ['app_id' => 1, 'key' => 'one', 'secret' => 's1', 'ping_interval' => '30', 'options' => ['host' => 'x']],
            'not an app',
            ['app_id' => '2', 'key' => 'two', 'secret' => 's2'],
        ]);

        $this->assertCount(2, $apps->all());
        $this->assertSame('one', $apps->byId('1')?->key);
        $this->assertSame('2', $apps->byKey('two')?->id);
        $this->assertNull($apps->byId('3'));
        $this->assertNull($apps->byKey('three'));
        $this->assertSame(['ping_interval' => '30'], $apps->all()[0]->settings);
    }

    public function test_an_app_that_lacks_everything_is_passed_on_for_the_server_to_judge(): void
    {
        $this->assertNull((new ConfiguredApps([['key' => null]]))->all()[0]->id);
    }
}
