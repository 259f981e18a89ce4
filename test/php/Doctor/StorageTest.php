<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use ErrorException;
use Illuminate\Contracts\Queue\Factory;
use Illuminate\Support\Facades\Schema;
use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Bridge\Fingerprint;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Checks\CacheFault;
use Revurb\Doctor\Checks\DatabaseFault;
use Revurb\Doctor\Checks\Folder;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Status;
use Revurb\Status\Crashes;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Tests\Support\AppTestCase;
use RuntimeException;

/**
 * What Laravel keeps somewhere: the cache, the queue, and the assets that were built.
 */
final class StorageTest extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();

        $this->application()->instance(Network::class, FakeNetwork::healthy());
        $this->configure([
            'cache.default' => 'file',
            'cache.stores.file' => ['driver' => 'file', 'path' => $this->folder()],
            'broadcasting.default' => 'reverb',
            'broadcasting.connections.reverb' => [
                'driver' => 'reverb', 'key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456',
                'options' => ['host' => '127.0.0.1', 'port' => '8080', 'scheme' => 'http'],
            ],
        ]);
    }

    private function folder(): string
    {
        return "{$this->base}/storage/framework/cache";
    }

    private function found(string $name): CheckResult
    {
        foreach ($this->make(CheckRunner::class)->of($this->make(DoctorContextFactory::class)->read(new Overrides)) as $check => $result) {
            if ($check === $name) {
                return $result;
            }
        }

        throw new RuntimeException("There is no check {$name}.");
    }

    private function assertFound(Status $status, Code $code, string $fault, string $fix, CheckResult $result): void
    {
        $this->assertSame([$status, $code], [$result->status, $result->code], $result->detail());
        $this->assertStringContainsString($fault, (string) $result->problem);
        $this->assertStringContainsString($fix, (string) $result->fix);
    }

    /** @return iterable<string, array{string, string, Code, string, string}> the message, the driver, and what is made of it */
    public static function causes(): iterable
    {
        yield 'full disk' => ['file_put_contents(): Write of 20 bytes failed with errno=28 No space left on device', 'file', Code::CacheFull, 'No space left', 'df -h'];
        yield 'quota' => ['file_put_contents(x): Failed to open stream: Disk quota exceeded', 'file', Code::CacheFull, 'quota', 'df -h'];
        yield 'read-only file system' => ['file_put_contents(x): Failed to open stream: Read-only file system', 'file', Code::CacheReadOnly, 'is read-only', 'A writable volume at'];
        yield 'files of another user' => ['file_put_contents(x): Failed to open stream: Permission denied', 'file', Code::CacheNotPermitted, 'Permission denied', 'sudo chown -R'];
        yield 'no memory' => ['OOM command not allowed when used memory > \'maxmemory\'.', 'redis', Code::CacheFull, 'no memory left', 'maxmemory'];
        yield 'no snapshot' => ['MISCONF Redis is configured to save RDB snapshots', 'redis', Code::CacheFull, 'snapshot', 'disk of Redis'];
        yield 'replica' => ["READONLY You can't write against a read only replica.", 'redis', Code::CacheReplica, 'a replica', 'REDIS_HOST: the host of the primary'];
        yield 'access list' => ["NOPERM User chat has no permissions to run the 'setex' command", 'redis', Code::CacheNotPermitted, 'NOPERM', 'REDIS_USERNAME'];
        yield 'something else of Redis' => ['ERR', 'redis', Code::CacheUnusable, 'ERR', 'CACHE_STORE: file'];
        yield 'another store' => ['No servers', 'memcached', Code::CacheUnusable, 'No servers', 'CACHE_STORE: file'];
    }

    #[DataProvider('causes')]
    public function test_a_cache_that_cannot_be_written_gets_the_cure_for_its_reason(string $message, string $driver, Code $code, string $fault, string $fix): void
    {
        $result = $this->fault()->of(new ErrorException($message), $driver, ['path' => $this->folder()], "store {$driver}");

        $this->assertFound(Status::Problem, $code, $fault, $fix, $result);
        $this->assertStringStartsWith('reverb:restart cannot reach the server through it: ', (string) $result->problem);
    }

    private function fault(?Folder $folder = null): CacheFault
    {
        $folder ??= new Folder;

        return new CacheFault($this->make(DoctorContextFactory::class)->read(new Overrides), $folder, new DatabaseFault($this->application(), $folder));
    }

    public function test_the_user_and_the_owner_of_a_folder_are_named(): void
    {
        $folder = new Folder(static fn (): bool => false);
        $result = $this->fault($folder)->of(new ErrorException('Permission denied'), 'file', ['path' => "{$this->folder()}/data/deep"], 'store file');
        $owner = $folder->owner($this->folder());

        $this->assertFound(Status::Problem, Code::CacheNotPermitted, "{$folder->user()} may not write to {$this->folder()}/data/deep, which belongs to {$owner}", "sudo -u {$owner} php artisan …, as {$this->folder()} belongs to {$owner}", $result);
        $this->assertNotSame('', $owner);
    }

    public function test_a_file_in_place_of_the_folder(): void
    {
        rmdir($this->folder());
        touch($this->folder());
        $result = $this->found('cache');

        $this->assertFound(Status::Problem, Code::CacheFolderMissing, 'is a file where a folder should be', "rm {$this->folder()} && mkdir -p {$this->folder()}", $result);

        // The fix, and again.
        unlink($this->folder());
        mkdir($this->folder());
        $this->assertSame(Status::Ok, $this->found('cache')->status);
    }

    private function database(bool $exists = true): void
    {
        $file = "{$this->base}/database.sqlite";
        $this->configure(['database.default' => 'sqlite', 'database.connections.sqlite' => ['driver' => 'sqlite', 'database' => $file]]);

        if ($exists) {
            touch($file);
        }
    }

    public function test_a_cache_in_a_database_whose_table_is_missing(): void
    {
        $this->database();
        $this->configure(['cache.default' => 'database', 'cache.stores.database' => ['driver' => 'database', 'table' => 'cache']]);
        $this->assertFound(Status::Problem, Code::CacheTableMissing, 'Its table is missing', 'php artisan make:cache-table && php artisan migrate', $this->found('cache'));

        // The command refuses where it has been run.
        mkdir("{$this->base}/database/migrations", recursive: true);
        touch("{$this->base}/database/migrations/0001_01_01_000001_create_cache_table.php");
        $this->assertSame('php artisan migrate', $this->found('cache')->fix);

        // The fix, and again.
        Schema::create('cache', static function ($table): void {
            $table->string('key')->primary();
            $table->mediumText('value');
            $table->integer('expiration');
        });
        $this->assertSame(Status::Ok, $this->found('cache')->status, $this->found('cache')->detail());
    }

    public function test_a_cache_in_a_database_that_is_not_there(): void
    {
        $this->database(exists: false);
        $this->configure(['cache.default' => 'database', 'cache.stores.database' => ['driver' => 'database', 'table' => 'cache']]);

        $this->assertFound(Status::Problem, Code::CacheUnusable, 'There is no database', "touch {$this->base}/database.sqlite && php artisan migrate", $this->found('cache'));
    }

    public function test_a_database_that_this_user_cannot_write(): void
    {
        $this->database();
        [$fault, $fix] = (new DatabaseFault($this->application(), new Folder))->of(new RuntimeException('SQLSTATE[HY000]: General error: 8 attempt to write a readonly database'), 'cache');

        $this->assertStringContainsString('cannot be written', $fault);
        $this->assertStringContainsString("chown -R {$this->make(Folder::class)->user()} {$this->base}/database.sqlite", $fix);
    }

    public function test_a_queue_that_is_not_used_and_one_that_is_not_asked(): void
    {
        $this->configure(['queue.default' => 'sync', 'queue.connections.sync' => ['driver' => 'sync']]);
        $this->assertStringContainsString('at once', $this->found('queue')->subject);

        $this->configure(['queue.default' => 'sqs', 'queue.connections.sqs' => ['driver' => 'sqs']]);
        $this->assertSame(Status::Ok, $this->found('queue')->status);
    }

    public function test_a_queue_without_its_table(): void
    {
        $this->database();
        $this->configure(['queue.default' => 'database', 'queue.connections.database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default', 'retry_after' => 90]]);

        $this->assertFound(Status::Warning, Code::QueueUnusable, 'cannot be queued', 'php artisan make:queue-table && php artisan migrate', $this->found('queue'));
    }

    public function test_jobs_that_wait_are_a_hint(): void
    {
        $queue = $this->createMock(\Illuminate\Contracts\Queue\Queue::class);
        $queue->method('size')->willReturn(3, 0);
        $queues = $this->createMock(Factory::class);
        $queues->method('connection')->willReturn($queue);
        $this->application()->instance(Factory::class, $queues);
        $this->configure(['queue.default' => 'database', 'queue.connections.database' => ['driver' => 'database']]);

        $this->assertFound(Status::Hint, Code::JobsWaiting, '3 job(s) wait', 'queue:work', $this->found('queue'));
        $this->assertSame(Status::Ok, $this->found('queue')->status);
    }

    /** @param  array<string, mixed>  $changes  of what a supervisor publishes that serves well */
    private function published(array $changes = []): void
    {
        $server = new RunningServer(41, time(), '1.0', '1.4.5', $this->base, null, null, 3, 'unused');
        $record = new ServerRecord('id', (string) gethostname(), '127.0.0.1:8080', $this->base, null, 40, time(), 'run', [], ServerRecord::READY, $server, seen: time());
        $this->make(Servers::class)->put($record->with($changes));
    }

    public function test_a_supervisor_that_has_published_nothing(): void
    {
        $this->assertSame('none has published its state on this machine', $this->found('supervisor')->subject);
    }

    public function test_a_supervisor_that_serves_well(): void
    {
        $this->published(['restart' => (new LastRestart('flag', time() - 2.0, true))->done(3, (float) time())]);

        $this->assertSame("pid 40, {$this->base}, last restart took 2 s", $this->found('supervisor')->subject);
    }

    public function test_a_supervisor_on_another_configuration(): void
    {
        $this->published([
            'application' => $this->make(Fingerprint::class)->ofApplication(),
            'server' => new RunningServer(41, time(), '1.0', '1.4.5', $this->base, 'another', 'another', 3, 'unused'),
        ]);

        $this->assertFound(Status::Warning, Code::SupervisorStale, 'another configuration', 'php artisan reverb:restart', $this->found('supervisor'));
    }

    public function test_a_restart_that_failed_and_a_server_that_crashed(): void
    {
        $this->published(['restart' => (new LastRestart('flag', (float) time(), true))->failed('Bun is gone', (float) time())]);
        $this->assertFound(Status::Warning, Code::SupervisorRestartFailed, 'Bun is gone', 'reverb:restart --wait', $this->found('supervisor'));

        $this->published(['crashes' => new Crashes(2, time(), 139)]);
        $this->assertFound(Status::Warning, Code::SupervisorCrashed, 'crashed 2 times', 'See its log', $this->found('supervisor'));
    }

    public function test_a_supervisor_that_does_not_reach_the_redis_of_scaling(): void
    {
        $this->published(['server' => new RunningServer(41, time(), '1.0', '1.4.5', $this->base, null, null, 3, 'disconnected')]);

        $this->assertFound(Status::Problem, Code::SupervisorRedis, 'does not reach the Redis', 'Redis answers this command', $this->found('supervisor'));

        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => ['host' => '/run/redis.sock']]]);
        $this->assertFound(Status::Hint, Code::SupervisorRedis, 'does not reach the Redis', 'See redis.', $this->found('supervisor'));
    }

    public function test_why_a_server_is_not_running_is_a_hint_beside_the_problem(): void
    {
        $this->application()->instance(Network::class, new FakeNetwork);
        $this->published(['state' => ServerRecord::STOPPED, 'exit' => 78, 'reason' => 'servers.reverb.port must be a number']);

        $this->assertFound(Status::Hint, Code::SupervisorFailed, 'exit code 78: servers.reverb.port', 'See its log', $this->found('supervisor'));
        $this->assertSame(Code::ServerNotRunning, $this->found('server')->code);
    }

    public function test_a_supervisor_of_another_machine_or_port_is_not_judged_here(): void
    {
        $this->published(['host' => 'elsewhere', 'crashes' => new Crashes(2, time(), 139)]);
        $this->assertSame(Status::Ok, $this->found('supervisor')->status);

        $this->published(['address' => '127.0.0.1:6001', 'crashes' => new Crashes(2, time(), 139)]);
        $this->assertSame(Status::Ok, $this->found('supervisor')->status);
    }

    public function test_of_two_supervisors_that_had_the_port_the_later_one_is_judged(): void
    {
        $this->published(['id' => 'earlier', 'address' => '0.0.0.0:8080', 'state' => ServerRecord::STOPPED, 'server' => null, 'exit' => 77, 'seen' => time() - 60]);
        $this->published();

        $this->assertSame(Status::Ok, $this->found('supervisor')->status);
    }

    public function test_the_state_is_not_read_where_the_cache_cannot_be(): void
    {
        $this->configure(['cache.default' => 'nowhere']);

        $this->assertFound(Status::Hint, Code::NotJudged, 'Not read', 'See cache.', $this->found('supervisor'));
    }

    private function built(string $script, string $host = ''): void
    {
        mkdir("{$this->base}/public/build/assets", recursive: true);
        file_put_contents("{$this->base}/public/build/manifest.json", '{"resources/css/app.css":{"file":"assets/app.css"},"resources/js/app.js":{"file":"assets/app-1.js"}}');
        file_put_contents("{$this->base}/public/build/assets/app-1.js", $script);
        file_put_contents("{$this->base}/.env", $host === '' ? '' : "VITE_REVERB_HOST={$host}\n");
    }

    public function test_assets_that_were_built_with_the_key_of_now(): void
    {
        $this->built('window.Echo=new r({broadcaster:"reverb",key:"the-key",wsHost:"chat.test",wsPort:"80"})', 'chat.test');

        $this->assertSame('public/build/assets/app-1.js: built with the key of the app', $this->found('assets')->subject);
    }

    public function test_assets_of_an_older_env_file(): void
    {
        $this->built('new r({broadcaster:`reverb`,key:`old-key`,wsHost:`chat.test`})');
        $this->assertFound(Status::Problem, Code::AssetsOutdated, 'built with the key old-key', 'npm run build', $this->found('assets'));

        // Vite's own server reads .env.
        touch("{$this->base}/public/hot");
        $this->assertSame(Status::Ok, $this->found('assets')->status);
    }

    public function test_assets_that_were_built_without_a_key(): void
    {
        $this->built('new r({broadcaster:"reverb",key:void 0,wsHost:void 0})');

        $this->assertFound(Status::Problem, Code::AssetsOutdated, 'without a key', 'npm run build', $this->found('assets'));
    }

    /** As @laravel/echo-react and -vue are built: the defaults of every broadcaster, and those of the application. */
    public function test_defaults_without_a_key_are_not_judged(): void
    {
        $this->built('var d={pusher:{broadcaster:`pusher`,key:void 0,cluster:void 0},reverb:{broadcaster:`reverb`,key:`the-key`,wsHost:`chat.test`}};', 'chat.test');
        $this->assertStringContainsString('built with the key of the app', $this->found('assets')->subject);

        file_put_contents("{$this->base}/public/build/assets/app-1.js", 'var d={pusher:{broadcaster:`pusher`,key:void 0},reverb:{broadcaster:`reverb`,key:void 0}};');
        $this->assertSame('no options of Echo found in public/build', $this->found('assets')->subject);
    }

    public function test_assets_for_another_host(): void
    {
        $this->built('new r({broadcaster:"reverb",key:"the-key",wsHost:"old.test"})', 'chat.test');

        $this->assertFound(Status::Warning, Code::AssetsOutdated, 'to old.test, and .env has chat.test', 'npm run build', $this->found('assets'));
    }

    public function test_assets_whose_options_are_made_at_run_time_are_not_judged(): void
    {
        $this->built('new r({broadcaster:"reverb",key:document.querySelector("meta").content})');

        $this->assertSame(Status::Ok, $this->found('assets')->status);
    }

    public function test_every_code_is_documented(): void
    {
        $documentation = (string) file_get_contents(dirname(__DIR__, 3).'/docs/doctor.md');

        foreach (Code::cases() as $code) {
            $this->assertStringContainsString("`{$code->value}`", $documentation);
        }

        preg_match_all('/^\| `[a-z-]+` \| ((?:`[a-z-]+`(?:, )?)+) \|$/m', $documentation, $rows);
        preg_match_all('/`([a-z-]+)`/', implode(' ', $rows[1]), $documented);
        $this->assertEqualsCanonicalizing(array_unique($documented[1]), array_unique(array_column(Code::cases(), 'value')));
    }
}
