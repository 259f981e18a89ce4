<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

/**
 * A job publishes, fails, and is retried: by Laravel's own worker, out of a database, to the real server.
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
            use Illuminate\Contracts\Queue\ShouldQueue;
            use Illuminate\Foundation\Queue\Queueable;
            use Illuminate\Support\Facades\Artisan;
            use Illuminate\Support\Facades\Broadcast;
            use Illuminate\Support\Facades\Schema;

            final class Ship implements ShouldQueue
            {
                use Queueable;

                public function handle(): void
                {
                    Broadcast::on('orders')->as('shipped')->with(['order' => 7])->sendNow();

                    if ($this->attempts() === 1) {
                        throw new RuntimeException('It was shipped, but the mail did not go out.');
                    }
                }
            }

            /** Writes down with what key something is sent, and whether the server says that it has answered it before. */
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
                Artisan::command('ship', function () {
                    Schema::create('jobs', function ($table) {
                        $table->id();
                        $table->string('queue');
                        $table->longText('payload');
                        $table->unsignedTinyInteger('attempts');
                        $table->unsignedInteger('reserved_at')->nullable();
                        $table->unsignedInteger('available_at');
                        $table->unsignedInteger('created_at');
                    });
                    dispatch(new Ship);
                });

                Artisan::command('work {--record}', function () {
                    if ($this->option('record')) {
                        config()->set('broadcasting.connections.reverb.client_options.handler', recorder());
                    }

                    Artisan::call('queue:work', ['--stop-when-empty' => true, '--tries' => 2, '--sleep' => 0]);
                    Broadcast::on('orders')->as('done')->sendNow();
                });
            }
            PHP);
    }

    private function succeed(string ...$command): void
    {
        $process = $this->app->artisan(...$command);
        $process->wait();

        $this->assertSame(0, $process->getExitCode(), $process->getOutput().$process->getErrorOutput().$this->app->log());
    }

    /** @return list<string> the events that a subscriber gets, in their order */
    private function eventsOfARetriedJob(string ...$options): array
    {
        $this->app->waitFor($this->app->artisan('reverb:start'), "Starting server on 127.0.0.1:{$this->app->port}");
        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"pusher:subscribe","data":{"channel":"orders"}}');
        $this->assertStringContainsString('subscription_succeeded', read_frame($socket));

        $this->succeed('ship');
        $this->succeed('work', ...$options);

        for ($events = []; end($events) !== 'done';) {
            $frame = json_decode($text = read_frame($socket), true);
            $this->assertIsArray($frame, "There was no more after {$text}".implode(', ', $events));
            $events[] = $frame['event'];
        }

        $this->assertStringContainsString('the mail did not go out', $this->app->log());

        return $events;
    }

    public function test_a_subscriber_gets_its_event_once(): void
    {
        $this->assertSame(['shipped', 'done'], $this->eventsOfARetriedJob());
    }

    public function test_a_cached_configuration_makes_no_difference(): void
    {
        $this->succeed('config:cache');
        $this->assertFileExists("{$this->app->base}/bootstrap/cache/config.php");

        $this->assertSame(['shipped', 'done'], $this->eventsOfARetriedJob());
    }

    public function test_the_server_sees_one_key_twice_and_says_so(): void
    {
        $events = $this->eventsOfARetriedJob('--record');

        [$first, $second, $outside] = explode("\n", (string) file_get_contents("{$this->app->base}/sent"));
        $this->assertMatchesRegularExpression('/^\S+ $/', $first);
        $this->assertSame("{$first}true", $second);
        $this->assertSame(' ', $outside);
        $this->assertSame(['shipped', 'done'], $events);
    }

    public function test_switched_off_a_retried_job_delivers_again(): void
    {
        $this->app->environment('REVURB_IDEMPOTENCY_SECONDS=0');

        $events = $this->eventsOfARetriedJob('--record');

        $this->assertSame(" \n \n \n", file_get_contents("{$this->app->base}/sent"));
        $this->assertSame(['shipped', 'shipped', 'done'], $events);
    }
}
