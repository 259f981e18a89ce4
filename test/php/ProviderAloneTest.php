<?php

declare(strict_types=1);

namespace Revurb\Tests;

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Support\ServiceProvider;
use Revurb\Apps\App;
use Revurb\Apps\AppSource;
use Revurb\Apps\ConfiguredApps;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Overrides;
use Revurb\Bun\BunFinder;
use Revurb\Console\Install;
use Revurb\Console\RestartServer;
use Revurb\Console\ShowConfig;
use Revurb\Console\StartServer;
use Revurb\Console\StatePublisherFactory;
use Revurb\Events\EventBridge;
use Revurb\Events\PackageEvents;
use Revurb\RevurbServiceProvider;
use Revurb\Server\Command;
use Revurb\Server\Launcher;
use Revurb\Supervision\Supervisor;
use Revurb\System\Clock;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\FakeDisplay;
use Revurb\Tests\Support\FakeLauncher;

final class ProviderAloneTest extends AppTestCase
{
    public function test_all_commands_are_registered(): void
    {
        $commands = $this->make(Kernel::class)->all();

        $this->assertInstanceOf(StartServer::class, $commands['reverb:start']);
        $this->assertInstanceOf(RestartServer::class, $commands['reverb:restart']);
        $this->assertInstanceOf(ShowConfig::class, $commands['reverb:config']);
        $this->assertInstanceOf(Install::class, $commands['reverb:install']);
    }

    public function test_start_has_the_options_of_reverb(): void
    {
        $options = $this->make(Kernel::class)->all()['reverb:start']->getDefinition()->getOptions();

        foreach (['host', 'port', 'path', 'hostname', 'debug'] as $name) {
            $this->assertArrayHasKey($name, $options);
        }
    }

    public function test_the_container_resolves_apps_events_supervisor_and_bun(): void
    {
        $this->assertInstanceOf(ConfiguredApps::class, $this->make(AppSource::class));
        $this->assertInstanceOf(PackageEvents::class, $this->make(EventBridge::class));
        $this->assertInstanceOf(Supervisor::class, $this->make(Supervisor::class));
        $this->assertInstanceOf(BunFinder::class, $this->make(BunFinder::class));
    }

    public function test_pulse_ingests_what_its_recorders_collect(): void
    {
        $pulse = new class
        {
            public int $ingested = 0;

            public function ingest(): void
            {
                $this->ingested++;
            }
        };
        $this->application()->instance('Laravel\Pulse\Pulse', $pulse);
        $this->configure(['reverb.servers.reverb.pulse_ingest_interval' => '20']);
        $clock = new FakeClock;
        $wait = fn () => $clock->now += 25;
        $this->application()->instance(Clock::class, $clock);
        $this->application()->instance(Launcher::class, new FakeLauncher([new FakeChild($clock, [['type' => 'ready'], $wait, 0])]));

        $display = new FakeDisplay;
        $publisher = $this->make(StatePublisherFactory::class)->of($this->make(DocumentBuilder::class)->build(), new Overrides, $display, null);

        $this->make(Supervisor::class)->run(new Command(['bun'], '/', [], '{}'), 10, $display, $publisher);

        $this->assertSame(1, $pulse->ingested);
    }

    public function test_the_document_has_the_apps_of_a_source_that_the_application_binds(): void
    {
        $this->application()->bind(AppSource::class, fn (): AppSource => new class implements AppSource
        {
            public function all(): array
            {
                return [new App('7', 'seven', 'secret')];
            }
        });

        $this->assertSame([['app_id' => '7', 'key' => 'seven', 'secret' => 'secret']], $this->make(DocumentBuilder::class)->build()->content['apps']);
    }

    /** Until version 0.2 the interface had them. */
    public function test_a_source_that_still_has_by_id_and_by_key_works(): void
    {
        $this->application()->bind(AppSource::class, fn (): AppSource => new class implements AppSource
        {
            public function all(): array
            {
                return [new App('7', 'seven', 'secret')];
            }

            public function byId(string $id): ?App
            {
                return $id === '7' ? $this->all()[0] : null;
            }

            public function byKey(string $key): ?App
            {
                return $key === 'seven' ? $this->all()[0] : null;
            }
        });

        $this->assertSame([['app_id' => '7', 'key' => 'seven', 'secret' => 'secret']], $this->make(DocumentBuilder::class)->build()->content['apps']);
    }

    public function test_an_app_provider_of_reverbs_is_named(): void
    {
        $this->configure(['reverb.apps.provider' => 'database']);

        $this->expectException(UnknownAppProvider::class);
        $this->expectExceptionMessage('[database]');

        $this->make(AppSource::class);
    }

    public function test_the_config_can_be_published(): void
    {
        $this->assertCount(1, ServiceProvider::pathsToPublish(RevurbServiceProvider::class, 'reverb-config'));
    }

    public function test_laravels_reload_command_restarts_the_server(): void
    {
        if (! property_exists(ServiceProvider::class, 'reloadCommands')) {
            $this->markTestSkipped('This version of Laravel has no `reload`.');
        }

        $this->assertSame('reverb:restart', ServiceProvider::$reloadCommands['reverb'] ?? null);
    }
}
