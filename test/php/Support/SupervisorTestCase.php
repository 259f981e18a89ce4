<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use PHPUnit\Framework\TestCase;
use Revurb\Output\PublishedReason;
use Revurb\Output\RecordWriter;
use Revurb\Output\Rescue;
use Revurb\Output\StatePublisher;
use Revurb\Restart\RestartFlagWatch;
use Revurb\Restart\TakeOver;
use Revurb\Server\Command;
use Revurb\Server\Line;
use Revurb\Status\RestartFlag;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Supervision\AppsWatch;
use Revurb\Supervision\NotifySocket;
use Revurb\Supervision\PeriodicTask;
use Revurb\Supervision\Supervisor;
use Revurb\System\Descriptors;
use RuntimeException;

/**
 * A supervisor whose servers, clock, cache and display are scripted.
 */
abstract class SupervisorTestCase extends TestCase
{
    protected const READY = ['type' => 'ready', 'host' => '0.0.0.0', 'port' => 8080, 'secure' => false, 'pid' => 1];

    /** Files that are there; they are looked at when the server ends before it listens. */
    protected const COMMAND = [PHP_BINARY, '--no-env-file', __FILE__, 'start'];

    protected FakeClock $clock;

    protected FakeDisplay $display;

    protected FakeCache $cache;

    /** The cache in which the supervisor publishes: apart from the one of the restart flag. */
    protected FakeCache $states;

    protected Servers $servers;

    protected FakeReports $reports;

    protected FakeEventBridge $eventBridge;

    protected FakeLauncher $launcher;

    protected Supervisor $supervisor;

    protected FakeSelfExec $selfExec;

    protected ?TakeOver $takeOver = null;

    protected int $preloaded = 0;

    protected ?string $faultAtStart = null;

    /** A folder with an entry for each. */
    protected string $descriptors = '/no/such/folder';

    /** @var list<array<string, mixed>> */
    protected array $apps = [];

    protected function setUp(): void
    {
        $this->clock = new FakeClock;
        $this->display = new FakeDisplay;
        $this->cache = new FakeCache;
        $this->states = new FakeCache;
        $this->reports = new FakeReports;
        $this->eventBridge = new FakeEventBridge;
        $this->selfExec = new FakeSelfExec;
    }

    /** @param  list<PeriodicTask>  $tasks */
    protected function supervise(array $tasks, FakeChild ...$children): int
    {
        $this->launcher = new FakeLauncher(array_values($children));
        $this->supervisor = new Supervisor(
            $this->launcher,
            $this->clock,
            $this->eventBridge,
            new RestartFlagWatch(new RestartFlag($this->cache), $this->reports, $this->clock),
            new AppsWatch(fn (): array => $this->apps, $this->reports),
            new Rescue($this->reports),
            $this->selfExec,
            new NotifySocket(null),
            new Descriptors($this->descriptors),
            $tasks,
            function (): void {
                $this->preloaded++;
            },
        );

        $this->servers = new Servers($this->states);

        return $this->supervisor->run(new Command(self::COMMAND, '/', [], '{}'), 10.0, $this->display, $this->publisher(), $this->takeOver);
    }

    protected function publisher(): StatePublisher
    {
        $record = ServerRecord::from($this->takeOver->handoff->record ?? null) ?? new ServerRecord('one', 'web1', '0.0.0.0:8080', '/srv/chat/current', 'app', 1, 0, 'run');

        $reason = new PublishedReason(fn (string $text): string => str_replace('hush', '********', $text));

        return new StatePublisher(
            $this->clock,
            $this->display,
            $record,
            new RunningServer(0, 0, '', '', '/srv/chat/releases/2', 'new configuration', 'new apps'),
            fn (mixed $apps): string => (string) json_encode($apps),
            new RecordWriter($this->servers, $this->clock, $this->display, $reason, 'file'),
            $reason,
            $this->faultAtStart,
        );
    }

    protected function record(): ServerRecord
    {
        return $this->servers->find('one') ?? throw new RuntimeException('Nothing is published.');
    }

    /** @param  int|string|Line|array<string, mixed>|Closure(FakeChild): mixed  ...$steps */
    protected function child(int|string|array|Line|Closure ...$steps): FakeChild
    {
        return new FakeChild($this->clock, array_values($steps));
    }

    /** Waits of a child that serves on, until the restart flag has been looked at. */
    protected function raiseFlag(): Closure
    {
        return function (): void {
            (new RestartFlag($this->cache))->raise(2);
            $this->clock->now += 5;
        };
    }
}
