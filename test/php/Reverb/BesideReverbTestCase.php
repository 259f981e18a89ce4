<?php

declare(strict_types=1);

namespace Revurb\Tests\Reverb;

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Support\Collection;
use InvalidArgumentException;
use Laravel\Reverb\Application;
use Laravel\Reverb\ConfigApplicationProvider;
use Laravel\Reverb\Console\InstallCommand;
use Laravel\Reverb\Contracts\ApplicationProvider;
use Laravel\Reverb\Events\ChannelCreated;
use Laravel\Reverb\Events\ChannelRemoved;
use Laravel\Reverb\Events\ConnectionPruned;
use Laravel\Reverb\Events\MessageReceived;
use Laravel\Reverb\Events\MessageSent;
use Laravel\Reverb\Exceptions\InvalidApplication;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Apps\App;
use Revurb\Apps\AppSource;
use Revurb\Apps\UnusableApps;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Console\RestartServer;
use Revurb\Console\StartServer;
use Revurb\Events\EventBridge;
use Revurb\Reverb\ReverbEvents;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FailingProvider;
use Revurb\Tests\Support\FakeCommands;

/**
 * An app that has laravel/reverb too, played by stand-ins for the part of it that counts here.
 */
abstract class BesideReverbTestCase extends AppTestCase
{
    public static function setUpBeforeClass(): void
    {
        parent::setUpBeforeClass();

        require_once __DIR__.'/../StandIns/laravel-reverb.php';
    }

    protected function setUp(): void
    {
        parent::setUp();
        $this->provide(['host' => 'ws.example.com']);
    }

    /** @param  array<string, mixed>|null  $options  of every app */
    private function provide(?array $options): void
    {
        $this->application()->bind(ApplicationProvider::class, fn (): ApplicationProvider => new class($options) implements ApplicationProvider
        {
            /** @param  array<string, mixed>|null  $options */
            public function __construct(private ?array $options) {}

            public function all(): Collection
            {
                return new Collection(['x' => $this->findById('123456'), 'y' => $this->findById('99')]);
            }

            public function findById(string $id): Application
            {
                return $id === '404' ? throw new InvalidApplication : new Application($id, "key-{$id}", 'secret', 60, 30, ['*'], 10_000, 5, 'members', ['enabled' => true], $this->options);
            }

            public function findByKey(string $key): Application
            {
                return $this->findById(substr($key, 4));
            }
        });
    }

    public function test_start_and_restart_are_revurbs_and_install_is_reverbs(): void
    {
        $commands = $this->make(Kernel::class)->all();

        $this->assertInstanceOf(StartServer::class, $commands['reverb:start']);
        $this->assertInstanceOf(RestartServer::class, $commands['reverb:restart']);
        $this->assertInstanceOf(InstallCommand::class, $commands['reverb:install']);
    }

    public function test_the_apps_of_a_custom_provider_are_in_the_document(): void
    {
        $this->configure(['reverb.apps.provider' => 'database', 'reverb.apps.apps.0.allow_missing_origin' => true]);

        $apps = $this->make(DocumentBuilder::class)->build()->content['apps'];

        $this->assertSame(['123456', '99'], array_column($apps, 'app_id'));
        $this->assertSame('key-99', $apps[1]['key']);
        $this->assertSame(5, $apps[1]['max_connections']);
        $this->assertSame('members', $apps[1]['accept_client_events_from']);
        $this->assertSame(['enabled' => true], $apps[1]['rate_limiting']);
        $this->assertTrue($apps[0]['allow_missing_origin']);
        $this->assertArrayNotHasKey('allow_missing_origin', $apps[1]);
    }

    public function test_apps_of_the_configuration_are_passed_on_for_the_server_to_validate(): void
    {
        $apps = [['id' => '7', 'key' => 'k', 'secret' => 's', 'ping_interval' => '30']];
        $this->configure(['reverb.apps.apps' => $apps]);
        $this->application()->bind(ApplicationProvider::class, fn (): ApplicationProvider => new ConfigApplicationProvider(new Collection($apps)));

        $this->assertSame([['key' => 'k', 'secret' => 's', 'id' => '7', 'ping_interval' => '30']], $this->make(DocumentBuilder::class)->build()->content['apps']);

        $this->configure(['reverb.apps.apps' => $apps[0]]);
        $this->expectException(UnusableApps::class);
        $this->make(DocumentBuilder::class)->build();
    }

    public function test_a_provider_sets_revurbs_keys_in_the_options_of_an_app(): void
    {
        $own = [
            'enabled' => false, 'allow_missing_origin' => true, 'subscription_count' => true,
            'cache' => ['ttl' => 60], 'limits' => ['presence_members' => 500], 'request_rate_limiting' => ['enabled' => true],
        ];
        $this->provide(['host' => 'ws.example.com', 'revurb' => $own]);

        $app = $this->make(DocumentBuilder::class)->build()->content['apps'][1];

        $this->assertSame($own, array_intersect_key($app, $own));
        $this->assertSame(['host' => 'ws.example.com'], $app['options']);
    }

    public function test_keys_that_the_options_lack_come_from_the_configuration_of_the_app(): void
    {
        $this->configure(['reverb.apps.apps.0.limits' => ['presence_members' => 7], 'reverb.apps.apps.0.cache' => ['ttl' => 7], 'reverb.apps.apps.0.enabled' => true]);
        $this->provide(['revurb' => ['limits' => ['channels_per_event' => 9], 'cache' => null, 'enabled' => false, 'secret' => 'other', 'ping_interval' => 1]]);

        [$app, $other] = $this->make(DocumentBuilder::class)->build()->content['apps'];

        $this->assertSame(['channels_per_event' => 9], $app['limits']);
        $this->assertSame(['ttl' => 7], $app['cache']);
        $this->assertFalse($app['enabled']);
        $this->assertSame('secret', $app['secret']);
        $this->assertSame(60, $app['ping_interval']);
        $this->assertSame(['channels_per_event' => 9], $other['limits']);
        $this->assertArrayNotHasKey('cache', $other);
    }

    /** @param  array<string, mixed>|null  $options */
    #[TestWith([null])]
    #[TestWith([['revurb' => null]])]
    #[TestWith([['revurb' => 'nonsense']])]
    public function test_options_without_revurbs_keys_leave_those_of_the_configuration(?array $options): void
    {
        $this->provide($options);
        $this->configure(['reverb.apps.apps.0.limits' => ['presence_members' => 7]]);

        $this->assertSame(['presence_members' => 7], $this->appOf('123456')?->settings['limits']);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_provider_that_fails_is_one_sentence(bool $isMade): void
    {
        $this->application()->bind(ApplicationProvider::class, fn (): ApplicationProvider => new FailingProvider($isMade));
        $this->configure(['reverb.servers.reverb.revurb.bun' => __FILE__]);

        foreach (['reverb:start' => ['--check' => true], 'reverb:config' => []] as $command => $options) {
            [$code, $output] = $this->artisanCall($command, $options);

            $this->assertSame(1, $code);
            $this->assertStringContainsString('The apps cannot be read, because '.FailingProvider::class.' failed: No such table', (string) preg_replace('/\s+/', ' ', $output));
        }
    }

    public function test_a_provider_that_cannot_be_resolved_is_one_sentence(): void
    {
        $this->application()->bind(ApplicationProvider::class, fn () => throw new InvalidArgumentException('Driver [database] not supported.'));

        [$code, $output] = $this->artisanCall('reverb:config');

        $this->assertSame(1, $code);
        $this->assertStringContainsString('because '.ApplicationProvider::class.' failed: Driver [database] not supported (', (string) preg_replace('/\s+/', ' ', $output));
    }

    public function test_the_source_lists_the_apps_of_the_bound_provider(): void
    {
        $this->assertSame('key-99', $this->appOf('99')?->key);
        $this->assertNull($this->appOf('404'));
    }

    private function appOf(string $id): ?App
    {
        foreach ($this->make(AppSource::class)->all() as $app) {
            if ($app->id === $id) {
                return $app;
            }
        }

        return null;
    }

    public function test_only_events_of_reverb_with_listeners_are_requested(): void
    {
        $events = $this->application()->make('events');
        $events->listen(MessageSent::class, fn () => null);
        $events->listen(ConnectionPruned::class, fn () => null);

        $this->assertSame(['message_sent', 'connection_pruned'], $this->make(EventBridge::class)->listenedEvents());
    }

    public function test_events_have_reverbs_own_classes(): void
    {
        $heard = [];

        foreach ([MessageReceived::class, MessageSent::class, ChannelCreated::class, ChannelRemoved::class, ConnectionPruned::class] as $class) {
            $this->application()->make('events')->listen($class, function (object $event) use (&$heard): void {
                $heard[] = $event;
            });
        }

        $eventBridge = $this->make(EventBridge::class);
        $commands = new FakeCommands;
        $this->assertInstanceOf(ReverbEvents::class, $eventBridge);

        foreach (['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned', 'unheard_of'] as $event) {
            $eventBridge->dispatch(['event' => $event, 'app' => '99', 'socket' => '1.2', 'message' => 'hi', 'channel' => 'private-a'], $commands);
        }

        $this->assertCount(5, $heard);
        $this->assertInstanceOf(MessageReceived::class, $heard[0]);
        $this->assertSame('hi', $heard[0]->message);
        $this->assertSame('99', $heard[0]->connection->app()->id());
        $this->assertSame('1.2', $heard[0]->connection->id());
        $this->assertSame('1.2', $heard[0]->connection->identifier());
        $this->assertInstanceOf(ChannelCreated::class, $heard[2]);
        $this->assertSame('private-a', $heard[2]->channel->name());
        $this->assertInstanceOf(ConnectionPruned::class, $heard[4]);

        $heard[0]->connection->send('back');
        $heard[0]->connection->control();
        $heard[4]->connection->connection()->disconnect();

        $this->assertSame([['send', '99', '1.2', 'back'], ['disconnect', '99', '1.2']], $commands->asked);
    }

    public function test_connections_have_the_data_of_reverbs_connections(): void
    {
        $heard = [];

        foreach ([MessageReceived::class, ConnectionPruned::class] as $class) {
            $this->application()->make('events')->listen($class, function (object $event) use (&$heard): void {
                $heard[] = $event;
            });
        }

        $eventBridge = $this->make(EventBridge::class);
        $socket = ['app' => '99', 'socket' => '1.2', 'origin' => 'https://chat.test', 'last_seen_at' => time() - 59, 'pinged' => false];
        $eventBridge->dispatch(['event' => 'message_received', 'message' => 'hi', ...$socket], new FakeCommands);
        $eventBridge->dispatch(['event' => 'connection_pruned', ...$socket, 'origin' => null, 'last_seen_at' => 1_700_000_000, 'pinged' => true], new FakeCommands);
        $eventBridge->dispatch(['event' => 'connection_pruned', 'app' => '99', 'socket' => '1.2'], new FakeCommands);

        $this->assertInstanceOf(MessageReceived::class, $heard[0]);
        $this->assertSame('https://chat.test', $heard[0]->connection->origin());
        $this->assertEqualsWithDelta(time() - 59, $heard[0]->connection->lastSeenAt(), 2);
        $this->assertFalse($heard[0]->connection->isStale());

        $this->assertInstanceOf(ConnectionPruned::class, $heard[1]);
        $pruned = $heard[1]->connection->connection();
        $this->assertNull($pruned->origin());
        $this->assertSame(1_700_000_000, $pruned->lastSeenAt());
        $this->assertTrue($pruned->isStale());

        $this->assertInstanceOf(ConnectionPruned::class, $heard[2]);
        $this->assertEqualsWithDelta(time(), $heard[2]->connection->connection()->lastSeenAt(), 2);
    }

    public function test_an_event_of_an_unknown_app_throws(): void
    {
        $this->expectException(InvalidApplication::class);

        $this->make(EventBridge::class)->dispatch(['event' => 'message_sent', 'app' => '404'], new FakeCommands);
    }
}
