<?php

declare(strict_types=1);

namespace Revurb\Tests\Broadcasting;

use ArrayObject;
use Closure;
use GuzzleHttp\Client;
use GuzzleHttp\Handler\MockHandler;
use GuzzleHttp\HandlerStack;
use GuzzleHttp\Middleware;
use GuzzleHttp\Promise\Create;
use GuzzleHttp\Promise\PromiseInterface;
use GuzzleHttp\Psr7\Response;
use Illuminate\Broadcasting\Broadcasters\NullBroadcaster;
use Illuminate\Broadcasting\Broadcasters\PusherBroadcaster;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Bus\Dispatcher;
use Illuminate\Contracts\Events\Dispatcher as Events;
use Illuminate\Queue\Events\JobFailed;
use Illuminate\Queue\Events\JobRetryRequested;
use Illuminate\Queue\WorkerOptions;
use PHPUnit\Framework\Attributes\TestWith;
use Psr\Http\Message\RequestInterface;
use Revurb\Bridge\ReverbConfig;
use Revurb\Broadcasting\FailedAttempts;
use Revurb\Broadcasting\IdempotencyKeys;
use Revurb\Tests\Support\Announce;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeJob;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;
use stdClass;

/**
 * Uses Laravel's own worker, sync queue and broadcaster, without a server.
 */
final class IdempotentJobsTest extends AppTestCase
{
    private const JOB = '0192d8a6-7f4e-7c31-9f5c-3b1f0a6d2e11';

    private const OTHER_JOB = '0192d8a6-7f4e-7c31-9f5c-3b1f0a6d2e22';

    private const PLANNED = 'It has failed, as planned.';

    /** @var ArrayObject<int, array{request: RequestInterface}> */
    private ArrayObject $sent;

    private MockHandler $answers;

    private HandlerStack $stack;

    protected function setUp(): void
    {
        parent::setUp();

        $sent = new ArrayObject;
        $this->sent = $sent;
        $this->answers = new MockHandler(array_fill(0, 20, new Response(body: '{}')));
        $this->stack = HandlerStack::create($this->answers);
        $this->stack->push(Middleware::history($sent));

        $this->configure(['broadcasting.default' => 'reverb', 'broadcasting.connections.reverb.options' => ['host' => 'ws.test', 'scheme' => 'http']]);
        $this->configureHandler($this->stack);
    }

    private function configureHandler(mixed $handler): void
    {
        $this->configure(['broadcasting.connections.reverb.client_options' => ['handler' => $handler]]);
        $this->make(BroadcastManager::class)->purge('reverb');
    }

    private function publish(string ...$texts): void
    {
        $this->publishTo('reverb', ...$texts);
    }

    private function publishTo(string $connection, string ...$texts): void
    {
        foreach ($texts as $text) {
            $this->make(BroadcastManager::class)->connection($connection)->broadcast(['news'], 'announced', ['text' => $text]);
        }
    }

    /**
     * @param  Closure(FakeJob): mixed  $work
     * @param  array<string, mixed>  $payload
     */
    private function attempt(?string $uuid, Closure $work, int $number = 1, int $maxTries = 9, array $payload = []): void
    {
        try {
            $this->application()->make('queue.worker')->process('database', new FakeJob($uuid, $work, $number, $payload), new WorkerOptions(maxTries: $maxTries));
        } catch (RuntimeException $e) {
            // The worker's loop continues too.
            $this->assertSame(self::PLANNED, $e->getMessage());
        }
    }

    /** @return Closure(): never */
    private function failAfter(string ...$texts): Closure
    {
        return function () use ($texts): never {
            $this->publish(...$texts);
            throw new RuntimeException(self::PLANNED);
        };
    }

    /** @return Closure(FakeJob): void */
    private function releaseAfter(string ...$texts): Closure
    {
        return function (FakeJob $job) use ($texts): void {
            $this->publish(...$texts);
            $job->release();
        };
    }

    private function useCache(FakeCache $cache): FakeReports
    {
        $reports = new FakeReports;
        $this->application()->instance(FailedAttempts::class, new FailedAttempts($cache, $this->make(ReverbConfig::class), $reports));

        return $reports;
    }

    /** @return list<string> the keys of what was sent since this was last asked; an empty one stands for no header */
    private function keys(): array
    {
        $keys = array_map(static fn (array $transfer): string => $transfer['request']->getHeaderLine('X-Idempotency-Key'), $this->sent->getArrayCopy());
        $this->sent->exchangeArray([]);

        return array_values($keys);
    }

    public function test_the_retry_of_a_failed_attempt_repeats_its_keys(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one', 'two'));
        $first = $this->keys();
        $this->attempt(self::JOB, fn () => $this->publish('one', 'two', 'three'), 2);
        $second = $this->keys();

        $this->assertCount(2, array_unique($first));
        $this->assertSame($first, array_slice($second, 0, 2));
        $this->assertNotContains($second[2], ['', ...$first]);
        $this->assertMatchesRegularExpression('/^[!-~]{1,255}$/', $first[0]);
    }

    public function test_a_retry_that_publishes_in_another_order_repeats_its_keys_too(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one', 'two'));
        $first = $this->keys();
        $this->attempt(self::JOB, fn () => $this->publish('two', 'one'), 2);

        $this->assertSame(array_reverse($first), $this->keys());
    }

    public function test_the_same_event_twice_in_one_attempt_is_two_publishes(): void
    {
        $this->attempt(self::JOB, $this->failAfter('again', 'again'));
        $first = $this->keys();
        $this->attempt(self::JOB, fn () => $this->publish('again', 'again', 'again'), 2);
        $second = $this->keys();

        $this->assertCount(2, array_unique($first));
        $this->assertSame($first, array_slice($second, 0, 2));
        $this->assertNotContains($second[2], $first);
    }

    public function test_a_job_that_releases_itself_has_new_keys_each_time(): void
    {
        foreach ([1, 2, 3] as $number) {
            $this->attempt(self::JOB, $this->releaseAfter('progress'), $number);
        }

        $this->assertCount(3, array_unique(array_filter($this->keys())));
    }

    public function test_a_job_that_runs_again_without_a_failure_has_new_keys(): void
    {
        foreach ([1, 1, 2] as $number) {
            $this->attempt(self::JOB, fn () => $this->publish('done'), $number);
        }

        $this->assertCount(3, array_unique(array_filter($this->keys())));
    }

    public function test_the_second_retry_repeats_the_keys_of_both_failed_attempts(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one'));
        [$one] = $this->keys();
        $this->attempt(self::JOB, $this->failAfter('two', 'one'), 2);
        [$two, $oneAgain] = $this->keys();
        $this->attempt(self::JOB, fn () => $this->publish('one', 'two'), 3);

        $this->assertSame($one, $oneAgain);
        $this->assertNotSame($one, $two);
        $this->assertSame([$one, $two], $this->keys());
    }

    public function test_an_attempt_that_fails_before_it_publishes_passes_the_id_on(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::JOB, $this->failAfter(), 2);
        $this->attempt(self::JOB, fn () => $this->publish('one'), 3);

        $this->assertCount(1, array_unique($this->keys()));
    }

    public function test_an_attempt_that_succeeds_passes_no_id_on(): void
    {
        $this->attempt(self::JOB, $this->failAfter('waiting'));
        $this->attempt(self::JOB, $this->releaseAfter('waiting'), 2);
        $this->attempt(self::JOB, $this->releaseAfter('waiting'), 3);

        [$first, $second, $third] = $this->keys();
        $this->assertSame($first, $second);
        $this->assertNotSame($second, $third);
    }

    public function test_after_a_killed_attempt_the_keys_are_new(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one'));
        // Nothing is known of a second attempt.
        $this->attempt(self::JOB, fn () => $this->publish('one'), 3);

        $this->assertCount(2, array_unique($this->keys()));
    }

    public function test_an_attempt_that_has_released_its_job_and_then_fails_has_failed(): void
    {
        $this->attempt(self::JOB, function (FakeJob $job): void {
            $this->releaseAfter('one')($job);
            throw new RuntimeException(self::PLANNED);
        });
        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);

        $this->assertCount(1, array_unique($this->keys()));
    }

    public function test_a_job_that_is_queued_again_after_its_last_failure_has_new_keys(): void
    {
        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::JOB, $this->failAfter('one'), 2, maxTries: 2);
        $this->make(Events::class)->dispatch(new JobRetryRequested((object) ['payload' => '{"uuid":"'.self::JOB.'"}']));
        $this->attempt(self::JOB, $this->releaseAfter('one'));
        $this->attempt(self::JOB, $this->releaseAfter('one'), 2);

        [$first, $second, $third, $fourth] = $this->keys();
        $this->assertSame($first, $second);
        $this->assertCount(3, array_unique([$second, $third, $fourth]));
    }

    public function test_a_failed_attempt_is_kept_as_long_as_the_server_keeps_keys(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.idempotency_seconds' => '30']);
        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::OTHER_JOB, $this->failAfter('two'));
        $first = $this->keys();

        $this->travel(29)->seconds();
        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);
        $this->travel(1)->seconds();
        $this->attempt(self::OTHER_JOB, fn () => $this->publish('two'), 2);

        [$one, $two] = $this->keys();
        $this->assertSame($first[0], $one);
        $this->assertNotSame($first[1], $two);
    }

    public function test_the_cache_is_used_only_for_failures(): void
    {
        $cache = new FakeCache;
        $this->useCache($cache);

        $this->attempt(self::JOB, fn () => $this->publish('one', 'two'));
        $this->attempt(self::JOB, $this->releaseAfter('one'));
        $this->attempt(self::JOB, fn () => null, 2);
        $this->attempt(self::JOB, $this->failAfter());
        $this->attempt(self::JOB, $this->failAfter(), 2, maxTries: 2);
        $this->assertSame(0, $cache->questions);

        $this->attempt(self::JOB, $this->failAfter('one', 'two'));
        $this->assertSame(1, $cache->questions);
        $this->attempt(self::JOB, fn () => $this->publish('one', 'two'), 2);
        $this->assertSame(2, $cache->questions);
    }

    public function test_a_cache_that_is_down_fails_no_job_and_is_reported_once(): void
    {
        $cache = new FakeCache;
        $cache->isDown = true;
        $reports = $this->useCache($cache);
        $reports->isBroken = true;

        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);
        $this->make(Events::class)->dispatch(new JobRetryRequested((object) ['payload' => '{"uuid":"'.self::JOB.'"}']));

        $this->assertCount(2, array_unique(array_filter($this->keys())));
        $this->assertSame(['The cache is down.'], $reports->reported);
    }

    #[TestWith(['no array'])]
    #[TestWith([new stdClass])]
    #[TestWith([['attempt' => 1]])]
    #[TestWith([['attempt' => 1, 'id' => 7]])]
    public function test_foreign_content_of_the_cache_entry_is_ignored(mixed $entry): void
    {
        $this->application()->make('cache.store')->put('revurb:failed-attempt:'.self::JOB, $entry);

        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);

        $this->assertCount(1, array_filter($this->keys()));
    }

    public function test_with_a_store_that_keeps_nothing_a_retry_has_new_keys(): void
    {
        $this->configure(['cache.stores.null' => ['driver' => 'null'], 'cache.default' => 'null']);

        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);

        $this->assertCount(2, array_unique(array_filter($this->keys())));
    }

    public function test_the_job_of_a_broadcast_event_has_the_id_of_the_attempt_that_has_queued_it(): void
    {
        foreach (['first', 'first', 'second'] as $id) {
            $this->attempt(self::JOB, fn () => $this->publish('one'), payload: ['revurbAttempt' => $id]);
        }

        [$one, $again, $other] = $this->keys();
        $this->assertSame($one, $again);
        $this->assertNotSame($one, $other);
    }

    public function test_the_job_of_a_broadcast_event_is_recognised_by_its_own_retries_too(): void
    {
        $given = ['revurbAttempt' => 'given'];
        $this->attempt(self::JOB, $this->failAfter(), payload: $given);
        $this->attempt(self::JOB, $this->releaseAfter('one'), 2, payload: $given);
        $this->attempt(self::JOB, fn () => $this->publish('one'), 3, payload: $given);
        $this->attempt(self::OTHER_JOB, fn () => $this->publish('one'), payload: $given);

        [$second, $third, $twin] = $this->keys();
        $this->assertSame($second, $twin);
        $this->assertNotSame($second, $third);
    }

    public function test_two_jobs_have_keys_of_their_own(): void
    {
        $this->attempt(self::JOB, fn () => $this->publish('same'));
        $this->attempt(self::OTHER_JOB, fn () => $this->publish('same'));

        $this->assertCount(2, array_unique(array_filter($this->keys())));
    }

    public function test_outside_of_a_job_there_is_no_key(): void
    {
        $this->publish('before');
        $this->attempt(self::JOB, fn () => null);
        $this->publish('after');
        $this->attempt(self::JOB, fn () => throw new RuntimeException(self::PLANNED));
        $this->publish('after a failure');
        $this->attempt(self::JOB, fn () => throw new RuntimeException(self::PLANNED), maxTries: 1);
        $this->publish('after the last failure');

        $this->assertSame(['', '', '', ''], $this->keys());
    }

    public function test_a_job_that_continues_after_it_was_marked_failed_has_keys(): void
    {
        $this->attempt(self::JOB, function (FakeJob $job): void {
            $job->delete();
            $job->markAsFailed();
            $this->publish('last words');
        });

        $this->assertCount(1, array_filter($this->keys()));
    }

    public function test_a_job_without_an_end_event_leaves_no_attempt_behind(): void
    {
        $this->application()->make('events')->listen(JobFailed::class, fn () => throw new RuntimeException(self::PLANNED));

        $this->attempt(self::JOB, fn () => throw new RuntimeException(self::PLANNED), maxTries: 1);
        $this->publish('after');

        $this->assertSame([''], $this->keys());
    }

    public function test_a_request_that_is_no_publish_has_no_key(): void
    {
        $pusher = $this->make(BroadcastManager::class)->connection('reverb')->getPusher();
        $this->answers->reset();
        $this->answers->append(new Response(body: '{"channels":{}}'), ...array_fill(0, 3, new Response(body: '{}')));

        $this->attempt(self::JOB, fn () => [
            $pusher->getChannels(),
            $pusher->getChannelInfo('events'),
            $pusher->terminateUserConnections('7'),
            $pusher->triggerBatch([['channel' => 'news', 'name' => 'announced', 'data' => 'x']]),
        ]);

        $keys = $this->keys();
        $batch = array_pop($keys);
        $this->assertSame(['', '', ''], $keys);
        $this->assertNotSame('', $batch);
    }

    public function test_a_sync_job_inside_of_another_belongs_to_its_attempt(): void
    {
        $work = function (): void {
            $this->publish('outer');
            $this->make(Dispatcher::class)->dispatchSync(new Announce('inner'));
            $this->publish('outer');
            throw new RuntimeException(self::PLANNED);
        };

        $this->attempt(self::JOB, $work);
        $first = $this->keys();
        $this->attempt(self::JOB, $work, 2);

        $this->assertCount(3, array_unique(array_filter($first)));
        $this->assertSame($first, $this->keys());
    }

    public function test_a_sync_job_that_fails_inside_of_another_is_no_failure_of_the_other(): void
    {
        $work = function (): void {
            try {
                $this->make(Dispatcher::class)->dispatchSync(new Announce('inner', fails: true));
            } catch (RuntimeException) {
                $this->publish('outer');
            }
        };

        $this->attempt(self::JOB, $work);
        $this->publish('after');
        $this->attempt(self::JOB, $work, 2);

        $keys = $this->keys();
        $this->assertSame('', $keys[2]);
        $this->assertCount(4, array_unique(array_filter($keys)));
    }

    public function test_a_worker_inside_of_a_job_has_keys_of_its_own_job(): void
    {
        $this->attempt(self::JOB, function (): never {
            $this->attempt(self::OTHER_JOB, fn () => $this->publish('inner'));
            $this->failAfter('outer')();
        });
        $this->attempt(self::OTHER_JOB, fn () => $this->publish('inner'), 2);
        $this->attempt(self::JOB, fn () => $this->publish('outer'), 2);

        [$inner, $outer, $innerAgain, $outerAgain] = $this->keys();
        $this->assertNotSame($inner, $innerAgain);
        $this->assertSame($outer, $outerAgain);
    }

    public function test_a_sync_job_alone_has_no_key(): void
    {
        $this->make(Dispatcher::class)->dispatchSync(new Announce('sync'));
        $this->publish('after');

        $this->assertSame(['', ''], $this->keys());
    }

    public function test_a_job_without_an_id_has_new_keys_each_time(): void
    {
        $this->attempt(null, $this->failAfter('anonymous'));
        $this->attempt(null, fn () => $this->publish('anonymous'), 2);

        $this->assertCount(2, array_unique($this->keys()));
    }

    public function test_a_key_fits_into_a_header_whatever_the_id_of_the_job_is(): void
    {
        $this->attempt("ein Auftrag\r\nX-Injected: ü".str_repeat('x', 300), fn () => $this->publish('x'));

        $this->assertMatchesRegularExpression('/^[!-~]{1,255}$/', $this->keys()[0]);
    }

    #[TestWith([0])]
    #[TestWith(['0'])]
    #[TestWith([false])]
    public function test_no_key_is_sent_if_the_server_keeps_none(int|string|bool $seconds): void
    {
        $this->configure(['reverb.servers.reverb.revurb.idempotency_seconds' => $seconds]);

        $cache = new FakeCache;
        $this->useCache($cache);

        $this->attempt(self::JOB, $this->failAfter('x'));
        $this->attempt(self::JOB, $this->failAfter('x'), 2);
        $this->make(Events::class)->dispatch(new JobRetryRequested((object) ['payload' => '{"uuid":"'.self::JOB.'"}']));

        $this->assertSame(['', ''], $this->keys());
        $this->assertSame(0, $cache->questions);
    }

    #[TestWith(['60'])]
    #[TestWith([null])]
    public function test_keys_are_sent_if_the_server_keeps_them_or_has_no_setting(?string $seconds): void
    {
        $this->configure(['reverb.servers.reverb.revurb.idempotency_seconds' => $seconds]);

        $this->attempt(self::JOB, fn () => $this->publish('x'));

        $this->assertCount(1, array_filter($this->keys()));
    }

    public function test_every_connection_of_the_driver_has_keys_and_no_other_driver(): void
    {
        $reverb = $this->application()->make('config')->get('broadcasting.connections.reverb');
        $this->configure([
            'broadcasting.connections.second' => $reverb,
            'broadcasting.connections.elsewhere' => ['driver' => 'pusher'] + $reverb,
        ]);

        $this->attempt(self::JOB, fn () => $this->publishTo('second', 'x'));
        $this->attempt(self::JOB, fn () => $this->publishTo('elsewhere', 'x'));

        [$second, $elsewhere] = $this->keys();
        $this->assertNotSame('', $second);
        $this->assertSame('', $elsewhere);
    }

    public function test_a_stack_of_the_app_is_used_and_left_as_it_was(): void
    {
        $client = new Client(['handler' => $this->stack]);

        $this->attempt(self::JOB, fn () => $this->publish('x'));
        $this->attempt(self::JOB, fn () => $client->post('http://ws.test/apps/1/events'));

        [$ours, $theirs] = $this->keys();
        $this->assertNotSame('', $ours);
        $this->assertSame('', $theirs);
    }

    public function test_a_middleware_of_the_app_that_sends_again_sends_the_same_key(): void
    {
        $this->answers->reset();
        $this->answers->append(new Response(503), new Response(body: '{}'));
        $this->stack->unshift(Middleware::retry(static fn (int $retries, mixed $request, ?Response $response): bool => $response?->getStatusCode() === 503, static fn (): int => 0));

        $this->attempt(self::JOB, fn () => $this->publish('x'));

        $keys = $this->keys();
        $this->assertCount(2, $keys);
        $this->assertSame($keys[0], $keys[1]);
        $this->assertNotSame('', $keys[0]);
    }

    public function test_a_handler_that_is_no_stack_gets_the_whole_request(): void
    {
        $seen = [];
        $this->configureHandler(function (RequestInterface $request) use (&$seen): PromiseInterface {
            $seen[] = [$request->getHeaderLine('X-Idempotency-Key') !== '', $request->getBody()->getContents()];

            return Create::promiseFor(new Response(body: '{}'));
        });

        $this->attempt(self::JOB, fn () => $this->publish('x'));

        $this->assertCount(1, $seen);
        $this->assertTrue($seen[0][0]);
        $this->assertStringContainsString('"name":"announced"', $seen[0][1]);
    }

    #[TestWith([[]])]
    #[TestWith([['timeout' => 3]])]
    #[TestWith([['max_host_connections' => 3]])]
    #[TestWith([['transport_sharing' => 'none']])]
    #[TestWith([null])]
    public function test_a_client_with_guzzles_own_handler_can_be_made(mixed $options): void
    {
        $this->configure(['broadcasting.connections.reverb.client_options' => $options]);

        $this->assertInstanceOf(PusherBroadcaster::class, $this->make(BroadcastManager::class)->connection('reverb'));
    }

    public function test_a_driver_that_the_application_registers_later_replaces_ours(): void
    {
        $this->make(BroadcastManager::class)->extend('reverb', fn () => new NullBroadcaster);

        $this->assertInstanceOf(NullBroadcaster::class, $this->make(BroadcastManager::class)->connection('reverb'));
    }

    public function test_a_driver_that_the_application_has_registered_before_is_kept(): void
    {
        $app = $this->application();
        $app->forgetInstance(BroadcastManager::class);
        $app->resolving(BroadcastManager::class, fn (BroadcastManager $manager) => $manager->extend('reverb', fn () => new NullBroadcaster));

        $this->assertInstanceOf(NullBroadcaster::class, $this->make(BroadcastManager::class)->connection('reverb'));
    }

    public function test_a_driver_of_the_app_can_have_keys_too(): void
    {
        $broadcasting = $this->make(BroadcastManager::class);
        $broadcasting->extend('reverb', fn ($app, array $config) => new PusherBroadcaster(
            $broadcasting->pusher($app->make(IdempotencyKeys::class)->addTo($config)),
        ));

        $this->attempt(self::JOB, $this->failAfter('one'));
        $this->attempt(self::JOB, fn () => $this->publish('one'), 2);

        [$first, $second] = $this->keys();
        $this->assertNotSame('', $first);
        $this->assertSame($first, $second);
    }

    public function test_a_copy_of_the_container_has_the_running_job(): void
    {
        $copy = clone $this->application();
        $copy->forgetInstance(BroadcastManager::class);

        $this->attempt(self::JOB, fn () => $copy->make(BroadcastManager::class)->connection('reverb')->broadcast(['news'], 'announced', []));

        $this->assertCount(1, array_filter($this->keys()));
    }
}
