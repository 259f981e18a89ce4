<?php

declare(strict_types=1);

namespace Revurb\Tests\Events;

use Illuminate\Events\Dispatcher;
use PHPUnit\Framework\TestCase;
use Revurb\Events\ChannelCreated;
use Revurb\Events\ChannelRemoved;
use Revurb\Events\ConnectionPruned;
use Revurb\Events\MessageReceived;
use Revurb\Events\MessageSent;
use Revurb\Events\PackageEvents;
use Revurb\Tests\Support\FakeCommands;

final class PackageEventsTest extends TestCase
{
    private const ALL = ['message_received' => MessageReceived::class, 'message_sent' => MessageSent::class, 'channel_created' => ChannelCreated::class, 'channel_removed' => ChannelRemoved::class, 'connection_pruned' => ConnectionPruned::class];

    public function test_only_events_with_listeners_are_requested(): void
    {
        $dispatcher = new Dispatcher;
        $events = new PackageEvents($dispatcher);
        $this->assertSame([], $events->listenedEvents());

        $dispatcher->listen(ChannelCreated::class, fn () => null);
        $this->assertSame(['channel_created'], $events->listenedEvents());

        $dispatcher->listen('*', fn () => null);
        $this->assertSame(array_keys(self::ALL), $events->listenedEvents());
    }

    public function test_the_classes_of_listeners_are_loaded_before_the_first_event(): void
    {
        $asked = [];
        spl_autoload_register($autoload = function (string $class) use (&$asked): void {
            $asked[] = $class;
        });
        $dispatcher = new Dispatcher;
        $dispatcher->listen(MessageSent::class, 'NoSuch\ListenerWithAMethod@heard'); // @phpstan-ignore argument.type (there are none)
        $dispatcher->listen(MessageSent::class, ['NoSuch\ListenerInAnArray', 'heard']);
        $dispatcher->listen(ChannelRemoved::class, 'NoSuch\Listener'); // @phpstan-ignore argument.type (there are none)
        $dispatcher->listen('of.another.package', 'NoSuch\Stranger'); // @phpstan-ignore argument.type (there are none)

        (new PackageEvents($dispatcher))->preload();
        spl_autoload_unregister($autoload);

        $this->assertSame(['NoSuch\ListenerWithAMethod', 'NoSuch\ListenerInAnArray', 'NoSuch\Listener'], array_values(array_filter($asked, fn (string $class): bool => str_starts_with($class, 'NoSuch'))));
    }

    public function test_each_event_has_its_class(): void
    {
        $dispatcher = new Dispatcher;
        $commands = new FakeCommands;
        $heard = [];

        foreach (self::ALL as $name => $class) {
            $dispatcher->listen($class, function (object $event) use (&$heard): void {
                $heard[] = $event;
            });
            (new PackageEvents($dispatcher))->dispatch(['event' => $name, 'app' => '1', 'socket' => '1.2', 'origin' => 'https://chat.test', 'last_seen_at' => 1_700_000_000, 'message' => 'hi', 'channel' => 'a'], $commands);
        }

        $this->assertSame(array_values(self::ALL), array_map(get_class(...), $heard));
        $this->assertInstanceOf(MessageReceived::class, $heard[0]);
        $this->assertSame(['1', '1.2', 'hi'], [$heard[0]->socket->app, $heard[0]->socket->id, $heard[0]->message]);
        $this->assertSame(['https://chat.test', 1_700_000_000], [$heard[0]->socket->origin, $heard[0]->socket->lastSeenAt]);
        $this->assertInstanceOf(ChannelCreated::class, $heard[2]);
        $this->assertSame(['1', 'a'], [$heard[2]->app, $heard[2]->channel]);

        $heard[0]->socket->send('back');
        $heard[0]->socket->disconnect();
        $this->assertSame([['send', '1', '1.2', 'back'], ['disconnect', '1', '1.2']], $commands->asked);
    }

    public function test_unknown_events_are_ignored(): void
    {
        $this->expectNotToPerformAssertions();

        (new PackageEvents(new Dispatcher))->dispatch(['event' => 'unheard_of', 'app' => 5], new FakeCommands);
        (new PackageEvents(new Dispatcher))->dispatch([], new FakeCommands);
    }
}
