<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Closure;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Exception\ProcessSignaledException;

/**
 * Jobs publish, fail, and are retried: by Laravel's own workers, out of a database, to the real server.
 */
final class RetriedJobTest extends RealAppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->app->environment(
            'BROADCAST_CONNECTION=reverb',
            'REVERB_HOST=127.0.0.1',
            "REVERB_PORT={$this->app->port}",
            'REVERB_SCHEME=http',
            'QUEUE_CONNECTION=database',
            'DB_CONNECTION=sqlite',
            "DB_DATABASE={$this->app->base}/database.sqlite",
        );
        $this->app->write('database.sqlite', '');
        // Caching the configuration makes a second application in the same process.
        $this->app->write('booted.php', "<?php require_once __DIR__.'/shop.php'; commands();");
        $this->app->write('shop.php', <<<'PHP'
            <?php
            use GuzzleHttp\HandlerStack;
            use Illuminate\Contracts\Broadcasting\ShouldBroadcast;
            use Illuminate\Contracts\Queue\ShouldQueue;
            use Illuminate\Foundation\Queue\Queueable;
            use Illuminate\Support\Facades\Artisan;
            use Illuminate\Support\Facades\Broadcast;
            use Illuminate\Support\Facades\Schema;

            abstract class Work implements ShouldQueue
            {
                use Queueable;

                public int $tries = 4;

                protected function publish(string ...$events): void
                {
                    foreach ($events as $event) {
                        Broadcast::on('orders')->as($event)->with(['job' => static::class])->sendNow();
                    }
                }

                protected function failBefore(int $attempt): void
                {
                    if ($this->attempts() < $attempt) {
                        throw new RuntimeException('It was shipped, but the mail did not go out.');
                    }
                }

                protected function releaseBefore(int $attempt): void
                {
                    if ($this->attempts() < $attempt) {
                        $this->release();
                    }
                }
            }

            final class Shipped implements ShouldBroadcast
            {
                public function __construct(public string $job) {}

                public function broadcastOn(): array
                {
                    return ['orders'];
                }

                public function broadcastAs(): string
                {
                    return 'shipped';
                }
            }

            final class FailsOnce extends Work
            {
                public function handle(): void
                {
                    $this->publish('packed', 'shipped');
                    $this->failBefore(2);
                }
            }

            final class FailsTwiceAndPublishesMore extends Work
            {
                public function handle(): void
                {
                    $this->publish('packed', ...$this->attempts() > 1 ? ['shipped'] : []);
                    $this->failBefore(3);
                }
            }

            final class FailsOnceAndPublishesTheSameTwice extends Work
            {
                public function handle(): void
                {
                    $this->publish('shipped', 'shipped');
                    $this->failBefore(2);
                }
            }

            final class FailsOnceAndQueuesAnEvent extends Work
            {
                public function handle(): void
                {
                    event(new Shipped(self::class));
                    $this->failBefore(2);
                }
            }

            final class FailsOnceAndQueuesTheSameEventTwice extends Work
            {
                public function handle(): void
                {
                    event(new Shipped(self::class));
                    event(new Shipped(self::class));
                    $this->failBefore(2);
                }
            }

            final class ReleasesItselfTwice extends Work
            {
                public function handle(): void
                {
                    $this->publish('on its way');
                    $this->releaseBefore(3);
                }
            }

            final class ReleasesItselfTwiceAndQueuesAnEvent extends Work
            {
                public function handle(): void
                {
                    event(new Shipped(self::class));
                    $this->releaseBefore(3);
                }
            }

            final class FailsOnceAndThenReleasesItself extends Work
            {
                public function handle(): void
                {
                    $this->publish('on its way');
                    $this->failBefore(2);
                    $this->releaseBefore(3);
                }
            }

            final class Succeeds extends Work
            {
                public function handle(): void
                {
                    $this->publish('shipped');
                }
            }

            final class KillsItsWorkerOnce extends Work
            {
                public function handle(): void
                {
                    $this->publish('shipped');
                    $this->attempts() === 1 ? posix_kill(getmypid(), SIGKILL) : null;
                }
            }

            /** Records the key of each request, and whether the server reports it as replayed. */
            function recorder(): HandlerStack
            {
                $stack = HandlerStack::create();
                $stack->push(fn (callable $next) => fn ($request, array $options) => $next($request, $options)->then(function ($response) use ($request) {
                    $line = [$request->getHeaderLine('X-Idempotency-Key'), $response->getHeaderLine('X-Idempotency-Replayed')];
                    file_put_contents(base_path('sent'), implode(' ', $line)."\n", FILE_APPEND);

                    return $response;
                }));

                return $stack;
            }

            function commands(): void
            {
                Artisan::command('ship {job*}', function () {
                    Schema::create('jobs', function ($table) {
                        $table->id();
                        $table->string('queue');
                        $table->longText('payload');
                        $table->unsignedTinyInteger('attempts');
                        $table->unsignedInteger('reserved_at')->nullable();
                        $table->unsignedInteger('available_at');
                        $table->unsignedInteger('created_at');
                    });

                    foreach ($this->argument('job') as $job) {
                        dispatch(new $job);
                    }
                });

                Artisan::command('work {--once} {--record}', function () {
                    if ($this->option('record')) {
                        config()->set('broadcasting.connections.reverb.client_options.handler', recorder());
                    }

                    return Artisan::call('queue:work', ['--once' => $this->option('once'), '--stop-when-empty' => true, '--sleep' => 0]);
                });

                Artisan::command('done', fn () => Broadcast::on('orders')->as('done')->sendNow());
            }
            PHP);
    }

    private function succeed(string ...$command): void
    {
        $process = $this->app->artisan(...$command);
        $process->wait();

        $this->assertSame(0, $process->getExitCode(), $process->getOutput().$process->getErrorOutput().$this->app->log());
    }

    private function kill(string ...$command): void
    {
        $process = $this->app->artisan(...$command);

        try {
            $process->wait();
        } catch (ProcessSignaledException) {
        }

        $this->assertSame(SIGKILL, $process->getTermSignal(), $process->getOutput());
    }

    /**
     * @param  list<string>  $jobs
     * @return array<string, list<string>> job, in alphabetical order → its events that a subscriber gets, in theirs
     */
    private function eventsOf(array $jobs, ?Closure $work = null): array
    {
        $this->app->waitFor($this->app->artisan('reverb:start'), "Starting server on 127.0.0.1:{$this->app->port}");
        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"pusher:subscribe","data":{"channel":"orders"}}');
        $this->assertStringContainsString('subscription_succeeded', read_frame($socket));

        $this->succeed('ship', ...$jobs);
        ($work ?? fn () => $this->succeed('work'))();
        $this->succeed('done');

        $events = [];

        while (true) {
            $frame = json_decode(read_frame($socket), true);
            $this->assertIsArray($frame, 'There was no more after '.json_encode($events));

            if ($frame['event'] === 'done') {
                ksort($events);

                return $events;
            }

            $events[json_decode($frame['data'], true)['job']][] = $frame['event'];
        }
    }

    public function test_publishes_of_a_failed_attempt_are_delivered_once_and_all_others_each_time(): void
    {
        // Reverb 1.11 knows no keys. It was given the same jobs, and delivered what stands on the right.
        $delivered = [
            'FailsOnce' => [['packed', 'shipped'], ['packed', 'shipped', 'packed', 'shipped']],
            'FailsOnceAndPublishesTheSameTwice' => [['shipped', 'shipped'], ['shipped', 'shipped', 'shipped', 'shipped']],
            'FailsOnceAndQueuesAnEvent' => [['shipped'], ['shipped', 'shipped']],
            'FailsOnceAndQueuesTheSameEventTwice' => [['shipped', 'shipped'], ['shipped', 'shipped', 'shipped', 'shipped']],
            'FailsOnceAndThenReleasesItself' => [['on its way', 'on its way'], ['on its way', 'on its way', 'on its way']],
            'FailsTwiceAndPublishesMore' => [['packed', 'shipped'], ['packed', 'packed', 'shipped', 'packed', 'shipped']],
            'ReleasesItselfTwice' => array_fill(0, 2, ['on its way', 'on its way', 'on its way']),
            'ReleasesItselfTwiceAndQueuesAnEvent' => array_fill(0, 2, ['shipped', 'shipped', 'shipped']),
            'Succeeds' => array_fill(0, 2, ['shipped', 'shipped']),
        ];

        $this->assertSame(array_map(static fn (array $by): array => $by[0], $delivered), $this->eventsOf([...array_keys($delivered), 'Succeeds']));
        $this->assertSame(7, substr_count($this->app->log(), 'ERROR: It was shipped, but the mail did not go out.'));
    }

    public function test_a_retry_in_another_worker_is_recognised(): void
    {
        $this->assertSame(['FailsOnce' => ['packed', 'shipped']], $this->eventsOf(['FailsOnce'], function (): void {
            $this->succeed('work', '--once');
            $this->succeed('work', '--once');
        }));
    }

    public function test_without_a_shared_cache_everything_is_delivered_again(): void
    {
        $this->app->replaceEnvironment('CACHE_STORE', 'array');

        $this->assertSame(['FailsOnce' => ['packed', 'shipped', 'packed', 'shipped']], $this->eventsOf(['FailsOnce'], function (): void {
            $this->succeed('work', '--once');
            $this->succeed('work', '--once');
        }));
    }

    public function test_a_cache_that_cannot_be_written_fails_no_job(): void
    {
        $cache = "{$this->app->base}/storage/framework/cache/data";
        rmdir($cache);
        file_put_contents($cache, 'This is no folder.');

        $this->assertSame(['FailsOnce' => ['packed', 'shipped', 'packed', 'shipped']], $this->eventsOf(['FailsOnce']));
        $this->assertStringContainsString('storage/framework/cache/data', $this->app->log());
    }

    public function test_what_a_killed_worker_has_published_is_delivered_again(): void
    {
        // A job that is reserved counts as abandoned at once.
        $this->app->environment('DB_QUEUE_RETRY_AFTER=0');

        $this->assertSame(['KillsItsWorkerOnce' => ['shipped', 'shipped']], $this->eventsOf(['KillsItsWorkerOnce'], function (): void {
            $this->kill('work');
            $this->succeed('work');
        }));
    }

    public function test_a_retry_is_recognised_with_a_cached_configuration(): void
    {
        $this->succeed('config:cache');
        $this->assertFileExists("{$this->app->base}/bootstrap/cache/config.php");

        $this->assertSame(['FailsOnce' => ['packed', 'shipped']], $this->eventsOf(['FailsOnce']));
    }

    public function test_the_server_reports_replayed_publishes(): void
    {
        $this->eventsOf(['FailsOnce'], fn () => $this->succeed('work', '--record'));

        [$packed, $shipped, $packedAgain, $shippedAgain] = explode("\n", (string) file_get_contents("{$this->app->base}/sent"));
        $this->assertMatchesRegularExpression('/^\S+ $/', $packed);
        $this->assertNotSame($packed, $shipped);
        $this->assertSame(["{$packed}true", "{$shipped}true"], [$packedAgain, $shippedAgain]);
    }

    public function test_with_idempotency_switched_off_a_retry_delivers_again(): void
    {
        $this->app->environment('REVURB_IDEMPOTENCY_SECONDS=0');

        $events = $this->eventsOf(['FailsOnceAndPublishesTheSameTwice', 'FailsOnceAndQueuesAnEvent'], fn () => $this->succeed('work', '--record'));

        $this->assertSame(str_repeat(" \n", 6), file_get_contents("{$this->app->base}/sent"));
        $this->assertSame([
            'FailsOnceAndPublishesTheSameTwice' => array_fill(0, 4, 'shipped'),
            'FailsOnceAndQueuesAnEvent' => ['shipped', 'shipped'],
        ], $events);
    }
}
