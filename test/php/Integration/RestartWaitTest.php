<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PDO;
use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunTarget;
use Revurb\Tests\Support\Port;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\ExecutableFinder;
use Symfony\Component\Process\Process;

/**
 * `reverb:restart --wait` and `reverb:status` with real supervisors, real servers, real sockets, and the stores that keep the state.
 */
final class RestartWaitTest extends RealAppTestCase
{
    private ?Process $redis = null;

    private int $redisPort = 0;

    protected function tearDown(): void
    {
        parent::tearDown();
        $this->redis?->stop(5);
    }

    private function started(string ...$options): Process
    {
        $start = $this->app->artisan('reverb:start', ...$options);
        $this->app->waitFor($start, 'Starting server on');

        return $start;
    }

    /** @return array{int, string} exit code and output, with single blanks */
    private function outcome(Process $command): array
    {
        $code = (int) $command->wait();

        return [$code, (string) preg_replace('/\s+/', ' ', $command->getOutput().$command->getErrorOutput())];
    }

    /** @return array{int, string} */
    private function restart(string ...$options): array
    {
        return $this->outcome($this->app->artisan('reverb:restart', '--wait', ...$options));
    }

    /** @return array{int, list<array<string, mixed>>} exit code, and the servers */
    private function published(): array
    {
        $command = $this->app->artisan('reverb:status', '--json');
        $code = (int) $command->wait();
        $content = json_decode($command->getOutput(), true);
        $this->assertIsArray($content, $command->getOutput().$command->getErrorOutput());

        return [$code, $content['servers']];
    }

    /** @return list<resource> */
    private function sockets(int $count, ?int $port = null): array
    {
        return array_map(fn () => websocket($port ?? $this->app->port, 'the-key'), range(1, $count));
    }

    private function line(int $port, string $rest): string
    {
        return '/ '.preg_quote(gethostname()." 127.0.0.1:{$port} ", '/')."{$rest}/";
    }

    /** @return iterable<string, array{string}> */
    public static function stores(): iterable
    {
        yield 'file' => ['file'];
        yield 'database' => ['database'];
        yield 'redis' => ['redis'];
    }

    #[DataProvider('stores')]
    public function test_two_servers_report_their_own_connections_with_every_cache_store(string $store): void
    {
        $this->keepCacheIn($store);
        $port = Port::free();
        $first = $this->started();
        $second = $this->started("--port={$port}");
        $old = $this->app->serverOf($first);
        $sockets = [...$this->sockets(40), ...$this->sockets(3, $port)];

        [$code, $printed] = $this->restart();

        $this->assertSame(0, $code, $printed.$first->getOutput().$second->getOutput());
        $this->assertStringContainsString('Broadcasting Reverb restart signal.', $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'restarted in [\d.]+ s: 40 connections moved to pid '.$this->app->serverOf($first)), $printed);
        $this->assertMatchesRegularExpression($this->line($port, 'restarted in [\d.]+ s: 3 connections moved to pid '.$this->app->serverOf($second)), $printed);
        $this->assertNotSame($old, $this->app->serverOf($first));
        $this->assertFalse($this->isAlive($old));
        $this->app->waitFor($first, 's: 40 connections moved to pid');
        array_map(fclose(...), $sockets);

        [$code, $servers] = $this->published();
        $this->assertSame(0, $code);
        $this->assertSame([["127.0.0.1:{$this->app->port}", 'ready', true, 'done'], ["127.0.0.1:{$port}", 'ready', true, 'done']], $this->sorted(array_map(
            fn (array $server): array => [$server['address'], $server['state'], $server['current'], is_array($server['restart']) ? $server['restart']['outcome'] : null],
            $servers,
        )));
    }

    /** RESTARTS in the environment has it restart more often than twice, and RESTARTS_CACHE with another store. */
    public function test_a_restart_leaves_no_descriptor_open_in_the_supervisor_or_the_server(): void
    {
        $this->keepCacheIn(getenv('RESTARTS_CACHE') ?: 'database');
        // Both are opened by the first entry.
        $this->app->environment('REVURB_LOG_CHANNEL=single');
        $this->app->write('booted.php', '<?php Illuminate\Support\Facades\Event::listen(Revurb\Events\ChannelCreated::class, fn () => throw new RuntimeException("listener"));');
        $start = $this->started();
        $counts = [];

        for ($restarts = (int) (getenv('RESTARTS') ?: 2); $restarts > 0; $restarts--) {
            [$code, $printed] = $this->restart();
            $this->assertSame(0, $code, $printed.$start->getOutput());
            $failures = substr_count($this->app->log(), 'ERROR: listener');
            $socket = websocket($this->app->port, 'the-key');
            send_text($socket, '{"event":"pusher:subscribe","data":{"channel":"news"}}');
            $this->eventually(fn (): bool => substr_count($this->app->log(), 'ERROR: listener') > $failures, 'The listener was not called.');
            fclose($socket);
            $this->eventually(fn (): bool => count($this->childrenOf($start)) === 1, 'The old server stayed.');
            $counts[] = [$this->descriptorsOf((int) $start->getPid()), $this->descriptorsOf($this->app->serverOf($start))];
        }

        $this->assertCount(1, array_unique($counts, SORT_REGULAR), json_encode($counts, JSON_THROW_ON_ERROR));
        fwrite(STDERR, getenv('RESTARTS') ? json_encode($counts[0], JSON_THROW_ON_ERROR).' '.json_encode(end($counts), JSON_THROW_ON_ERROR)."\n" : '');
    }

    /** Once none is open for a moment only. */
    private function descriptorsOf(int $pid): int
    {
        $count = -1;
        $this->eventually(function () use ($pid, &$count): bool {
            $before = $count;
            usleep(300_000);
            $count = count(glob("/proc/{$pid}/fd/*") ?: []);

            return $count === $before;
        }, 'The descriptors never settled.');

        return $count;
    }

    public function test_a_restart_under_load_moves_every_connection(): void
    {
        $start = $this->started();
        $sockets = $this->sockets(200);
        $publisher = $this->publisher();

        [$code, $printed] = $this->restart();

        $this->assertSame(0, $code, $printed.$start->getOutput());
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'restarted in [\d.]+ s: 200 connections moved to pid '.$this->app->serverOf($start)), $printed);
        $publisher->signal(SIGTERM);
        $publisher->wait();
        $this->assertMatchesRegularExpression('/^[1-9]\d* published$/', trim($publisher->getOutput()), $publisher->getErrorOutput());
        array_map(fclose(...), $sockets);
    }

    public function test_with_scaling_the_connections_are_counted_too_and_redis_is_seen(): void
    {
        $this->keepCacheIn('redis');
        $this->app->environment('REVERB_SCALING_ENABLED=true');
        $start = $this->started();
        $sockets = $this->sockets(5);

        [$code, $printed] = $this->restart();

        $this->assertSame(0, $code, $printed.$start->getOutput());
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'restarted in [\d.]+ s: 5 connections moved to pid '.$this->app->serverOf($start)), $printed);
        array_map(fclose(...), $sockets);
        $this->eventually(fn (): bool => ($this->published()[1][0]['server']['redis'] ?? null) === 'connected', 'It never said that it reaches Redis.');
        $this->assertSame(0, $this->published()[0]);

        $this->redis?->stop(5);
        $this->startRedis();
        // A server that has lost what the cache held puts itself back.
        $this->eventually(fn (): bool => ($this->published()[1][0]['server']['redis'] ?? null) === 'connected', 'It never came back.');
    }

    public function test_a_release_with_a_broken_server_fails_with_its_reason(): void
    {
        $start = $this->started();
        $old = $this->app->serverOf($start);
        $this->app->write('broken.js', 'this is no (program');
        $this->app->write('booted.php', '<?php app()->instance(Revurb\Server\ServerScript::class, new Revurb\Server\ServerScript(base_path("broken.js"), getenv()));');

        [$code, $printed] = $this->restart();

        $this->assertSame(1, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, "failed after [\d.]+ s, and the running server \(pid {$old}\) continues: .*broken\.js"), $printed);
        $this->assertSame($old, $this->app->serverOf($start));
        $this->assertTrue($this->app->isUp());

        [$code, $servers] = $this->published();
        $this->assertSame(1, $code);
        $this->assertSame(['restart-failed'], array_column((array) $servers[0]['faults'], 'code'));
    }

    public function test_a_new_server_that_does_not_listen_fails_with_its_reason(): void
    {
        $start = $this->started();
        $old = $this->app->serverOf($start);
        $taken = $this->app->configurePortInUse();

        [$code, $printed] = $this->restart();

        $this->assertSame(1, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, "failed after [\d.]+ s, and the running server \(pid {$old}\) continues: .* ".getmypid().'\b'), $printed);
        fclose($taken);
    }

    /** As after an update whose release needs a newer Bun than there is. */
    public function test_a_restart_without_a_usable_bun_keeps_the_server_and_names_the_command(): void
    {
        if (($target = (new BunTarget)->name()) === null) {
            $this->markTestSkipped('There is no Bun for this machine.');
        }

        $this->app->replaceEnvironment('REVURB_BUN', '');
        // Without a folder in PATH, in which this machine may have Bun.
        $this->app->write('booted.php', '<?php app()->bind(Revurb\Bun\BunFinder::class, fn () => new Revurb\Bun\BunFinder(new Revurb\Bun\BunVersionProbe, base_path(), store: app(Revurb\Bun\BunStore::class)));');
        mkdir("{$this->app->base}/storage/revurb");
        $stored = "{$this->app->base}/storage/revurb/bun-".BunRelease::VERSION."-{$target}";
        symlink((string) realpath(dirname(__DIR__, 3).'/node_modules/.bin/bun'), $stored);
        $start = $this->started();
        $old = $this->app->serverOf($start);
        rename($stored, "{$stored}.aside");
        $this->app->write(substr($stored, strlen($this->app->base) + 1), "#!/bin/sh\necho 1.3.0\n");
        chmod($stored, 0755);

        [$code, $printed] = $this->restart();

        $this->assertSame(1, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, "failed after [\d.]+ s, and the running server \(pid {$old}\) continues: Bun 1\.4\.0 or newer was not found \(.* is 1\.3\.0\): run `php artisan reverb:bun --install` in the folder of the application\."), $printed);
        $this->assertSame($old, $this->app->serverOf($start));
        $this->assertTrue($this->app->isUp());

        rename("{$stored}.aside", $stored);
        [$code, $printed] = $this->restart();
        $this->assertSame(0, $code, $printed);
        $this->assertNotSame($old, $this->app->serverOf($start));
    }

    public function test_a_server_that_does_not_restart_is_named_and_the_other_one_restarts(): void
    {
        $port = Port::free();
        $first = $this->started();
        $second = $this->started("--port={$port}");
        $first->signal(SIGSTOP);

        [$code, $printed] = $this->restart('--timeout=45');
        $first->signal(SIGCONT);

        $this->assertSame(2, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'has not restarted within 45 s: last seen \d+ s ago'), $printed);
        $this->assertMatchesRegularExpression($this->line($port, 'restarted in [\d.]+ s: 0 connections moved to pid '.$this->app->serverOf($second)), $printed);
    }

    public function test_without_a_server_the_command_that_starts_one_is_named(): void
    {
        [$code, $printed] = $this->restart('--timeout=1');

        $this->assertSame(2, $code);
        $this->assertStringContainsString('The cache store file has no record of a running server. Start one with `php artisan reverb:start`', $printed);
    }

    public function test_a_server_that_its_process_manager_starts_again_has_restarted(): void
    {
        $start = fn (): Process => $this->app->artisanWith(['-ddisable_functions=pcntl_exec'], 'reverb:start');
        $first = $start();
        $this->app->waitFor($first, $this->banner());

        $restart = $this->app->artisan('reverb:restart', '--wait');
        $this->assertSame(0, $first->wait(), $first->getOutput());
        $second = $start();
        [$code, $printed] = $this->outcome($restart);

        $this->assertSame(0, $code, $printed.$second->getOutput());
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'restarted in [\d.]+ s by its process manager: pid '.$this->app->serverOf($second)), $printed);
    }

    public function test_a_server_that_its_process_manager_cannot_start_fails_with_its_reason(): void
    {
        $start = fn (): Process => $this->app->artisanWith(['-ddisable_functions=pcntl_exec'], 'reverb:start');
        $first = $start();
        $this->app->waitFor($first, $this->banner());
        $this->app->replaceEnvironment('REVURB_BUN', '/no/such/bun');

        $restart = $this->app->artisan('reverb:restart', '--wait');
        $this->assertSame(0, $first->wait(), $first->getOutput());
        $this->assertSame(1, $start()->wait());
        [$code, $printed] = $this->outcome($restart);

        $this->assertSame(1, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'failed after [\d.]+ s: .*\/no\/such\/bun'), $printed);
    }

    public function test_a_server_that_no_process_manager_starts_again_is_named(): void
    {
        $start = $this->app->artisanWith(['-ddisable_functions=pcntl_exec'], 'reverb:start');
        $this->app->waitFor($start, $this->banner());

        [$code, $printed] = $this->restart('--timeout=20');

        $this->assertSame(2, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'has not restarted within 20 s: it has stopped for the restart, and no process manager has started it again'), $printed);
    }

    public function test_a_restart_works_after_the_cache_was_cleared(): void
    {
        $start = $this->started();
        $this->assertSame(0, $this->app->artisan('cache:clear')->wait());

        [$code, $printed] = $this->restart();

        $this->assertSame(0, $code, $printed);
        $this->assertMatchesRegularExpression($this->line($this->app->port, 'restarted in [\d.]+ s: 0 connections moved to pid '.$this->app->serverOf($start)), $printed);
    }

    public function test_a_read_only_cache_is_reported_once_and_the_server_continues(): void
    {
        $start = $this->started();
        // No permission keeps root from writing. A file in the place of the folder does, and reads as an empty cache.
        rename("{$this->app->base}/storage/framework/cache/data", "{$this->app->base}/storage/framework/cache/aside");
        $this->app->write('storage/framework/cache/data', '');

        $this->app->waitFor($start, 'The cache store file cannot be written, so a reverb:restart that runs as this user reaches no server');
        [$code, $printed] = $this->restart();
        $this->assertSame(2, $code);
        $this->assertStringContainsString('The cache store file cannot be used, so that no server was reached', $printed);
        $this->assertTrue($this->app->isUp());

        unlink("{$this->app->base}/storage/framework/cache/data");
        rename("{$this->app->base}/storage/framework/cache/aside", "{$this->app->base}/storage/framework/cache/data");
        $output = $this->app->waitFor($start, 'The cache store file can be written again');
        $this->assertSame(1, substr_count($output, 'cannot be written'));
    }

    public function test_a_cache_outage_is_reported_once_and_a_restart_works_after_it(): void
    {
        $this->keepCacheIn('redis');
        $start = $this->started();
        $this->redis?->stop(5);

        $this->app->waitFor($start, 'The cache store redis cannot be read, so reverb:restart cannot reach this server while that lasts');
        $this->assertTrue($this->app->isUp());
        [$code, $printed] = $this->restart();
        $this->assertSame(2, $code);
        $this->assertStringContainsString('The cache store redis cannot be used, so that no server was reached', $printed);

        $this->startRedis();
        $output = $this->app->waitFor($start, 'The cache store redis can be read again: reverb:restart reaches this server');
        $this->assertSame(1, substr_count($output, 'cannot be read'));
        $this->assertSame(0, substr_count($output, 'cannot be written'));
        [$code, $printed] = $this->restart();
        $this->assertSame(0, $code, $printed);
    }

    /**
     * @param  list<array<int, mixed>>  $rows
     * @return list<array<int, mixed>>
     */
    private function sorted(array $rows): array
    {
        $order = ["127.0.0.1:{$this->app->port}" => 0];
        usort($rows, fn (array $one, array $other): int => ($order[$one[0]] ?? 1) <=> ($order[$other[0]] ?? 1));

        return $rows;
    }

    /** Publishes without a pause until SIGTERM. */
    private function publisher(): Process
    {
        $this->app->write('publish.php', <<<'PHP'
            <?php
            require __DIR__.'/autoload.php';
            $isOver = false;
            pcntl_async_signals(true);
            pcntl_signal(SIGTERM, function () use (&$isOver) { $isOver = true; });
            $pusher = new Pusher\Pusher('the-key', 'the-secret-that-is-masked', '123456', ['host' => '127.0.0.1', 'port' => (int) $argv[1], 'scheme' => 'http']);
            for ($published = 0; ! $isOver;) {
                try {
                    $pusher->trigger('news', 'event', ['i' => $published]);
                    $published++;
                    touch(__DIR__.'/publishing');
                } catch (Throwable $exception) {
                    // Without net.ipv4.tcp_migrate_req the kernel may reset one that connects when the old server stops listening.
                    fwrite(STDERR, $exception->getMessage()."\n");
                }
            }
            echo "{$published} published\n";
            PHP);
        $publisher = $this->app->php('publish.php', (string) $this->app->port);
        $this->eventually(fn (): bool => file_exists("{$this->app->base}/publishing"), 'It never published.');

        return $publisher;
    }

    private function keepCacheIn(string $store): void
    {
        $this->app->replaceEnvironment('CACHE_STORE', $store);

        if ($store === 'database') {
            $file = "{$this->app->base}/cache.sqlite";
            $database = new PDO("sqlite:{$file}");
            $database->exec('create table cache (key varchar primary key, value text not null, expiration integer not null)');
            $database->exec('create table cache_locks (key varchar primary key, owner varchar not null, expiration integer not null)');
            $this->app->environment('DB_CONNECTION=sqlite', "DB_DATABASE={$file}");
        }

        if ($store === 'redis') {
            $this->redisPort = Port::free();
            $this->startRedis();
            $this->app->environment('REDIS_CLIENT=phpredis', 'REDIS_HOST=127.0.0.1', "REDIS_PORT={$this->redisPort}");
        }
    }

    private function startRedis(): void
    {
        $server = (new ExecutableFinder)->find('redis-server');

        if ($server === null || ! extension_loaded('redis')) {
            $this->markTestSkipped('There is no redis-server, or PHP has no extension for it.');
        }

        $this->redis = new Process([$server, '--port', (string) $this->redisPort, '--save', '', '--appendonly', 'no']);
        $this->redis->start();
        $this->eventually(fn (): bool => @stream_socket_client("tcp://127.0.0.1:{$this->redisPort}", timeout: 1) !== false, 'Redis never listened.');
    }
}
