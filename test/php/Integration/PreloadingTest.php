<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PDO;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\Port;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\ExecutableFinder;
use Symfony\Component\Process\Process;

/**
 * A supervisor includes no file of PHP after its start, whatever happens to it: the file may be gone by then, or be one of another version.
 */
final class PreloadingTest extends RealAppTestCase
{
    private ?Process $redis = null;

    private int $redisPort = 0;

    protected function tearDown(): void
    {
        $this->redis?->stop(1, SIGKILL);
        parent::tearDown();
    }

    #[TestWith(['file', 'single'])]
    #[TestWith(['array', 'stack'])]
    #[TestWith(['database', 'daily'])]
    #[TestWith(['redis', 'stderr'])]
    public function test_no_file_is_included_after_the_start(string $store, string $channel): void
    {
        $this->prepareStore($store);
        $this->app->replaceEnvironment('CACHE_STORE', $store);
        $this->app->replaceEnvironment('LOG_CHANNEL', $channel);
        $this->app->write('booted.php', <<<'PHP'
            <?php
            $recorder = new Revurb\Tests\Support\IncludesRecorder(new Revurb\System\SystemClock, __DIR__.'/included.txt');
            register_shutdown_function($recorder->record(...));
            app()->instance(Revurb\System\Clock::class, $recorder);
            app()->extend(Revurb\Supervision\Preloading::class, $recorder->after(...));
            app()->make('events')->listen(Revurb\Events\MessageReceived::class, fn () => throw new RuntimeException('of a listener'));
            PHP);

        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $this->sendMessage();
        $this->eventually(fn (): bool => str_contains($this->logged($start), 'of a listener'), 'The exception was not logged.');

        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, $this->banner(), times: 2);

        if ($store !== 'array') {
            $this->app->replaceEnvironment('REVERB_SERVER_PORT', '70000');
            $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
            $this->app->waitFor($start, 'and the running one continues');
        }

        if ($this->redis !== null) {
            $this->redis->stop(1, SIGKILL);
            $this->app->waitFor($start, 'cannot be read');
            $this->startRedis();
            $this->app->waitFor($start, 'can be read again');
        }

        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
        $this->assertSame('', (string) @file_get_contents("{$this->app->base}/included.txt"));
    }

    private function prepareStore(string $store): void
    {
        if ($store === 'database') {
            $pdo = new PDO("sqlite:{$this->app->base}/database.sqlite");
            $pdo->exec('CREATE TABLE cache ("key" VARCHAR PRIMARY KEY, value TEXT, expiration INTEGER)');
            $this->app->environment('DB_CONNECTION=sqlite', "DB_DATABASE={$this->app->base}/database.sqlite");
        }

        if ($store === 'redis') {
            if (! extension_loaded('redis') || (new ExecutableFinder)->find('redis-server') === null) {
                $this->markTestSkipped('There is no Redis, or no extension for it.');
            }

            $this->redisPort = Port::free();
            $this->app->environment('REDIS_CLIENT=phpredis', "REDIS_PORT={$this->redisPort}");
            $this->startRedis();
        }
    }

    private function startRedis(): void
    {
        $this->redis = new Process(['redis-server', '--port', (string) $this->redisPort, '--save', ''], $this->app->base);
        $this->redis->start();
        $this->eventually(fn (): bool => @fsockopen('127.0.0.1', $this->redisPort) !== false, 'Redis does not listen.');
    }

    private function sendMessage(): void
    {
        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"pusher:ping","data":{}}');
        $this->assertStringContainsString('pusher:pong', read_frame($socket));
    }

    /** Whatever the channel writes to. */
    private function logged(Process $start): string
    {
        $files = glob("{$this->app->base}/storage/logs/*.log") ?: [];

        return implode('', array_map(file_get_contents(...), $files)).$start->getErrorOutput();
    }
}
