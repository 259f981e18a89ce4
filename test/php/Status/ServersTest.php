<?php

declare(strict_types=1);

namespace Revurb\Tests\Status;

use Illuminate\Cache\FileStore;
use Illuminate\Cache\NullStore;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\Tests\Support\FakeCache;
use RuntimeException;

final class ServersTest extends TestCase
{
    private FakeCache $cache;

    private Servers $servers;

    protected function setUp(): void
    {
        $this->cache = new FakeCache;
        $this->servers = new Servers($this->cache);
    }

    private function record(string $host, int $seen = 1000): ServerRecord
    {
        return new ServerRecord(ServerRecord::idOf($host, '0.0.0.0:8080'), $host, '0.0.0.0:8080', '/srv', null, 1, 0, 'run', seen: $seen);
    }

    /** @return list<string> */
    private function hosts(): array
    {
        return array_map(fn (ServerRecord $record): string => $record->host, $this->servers->all());
    }

    public function test_a_record_that_was_put_is_found(): void
    {
        $record = $this->record('web1');
        $this->servers->put($record);

        $this->assertEquals($record, $this->servers->find($record->id));
        $this->assertNull($this->servers->find('other'));
    }

    public function test_all_servers_are_listed_in_order(): void
    {
        $this->assertSame([], $this->servers->all());

        foreach (['web2', 'web1', 'web2'] as $host) {
            $this->servers->put($this->record($host));
        }

        $this->assertSame(['web1', 'web2'], $this->hosts());
    }

    public function test_an_id_of_digits_is_listed(): void
    {
        $this->servers->put($this->record('web1')->with(['id' => '1234567890123456']));
        $this->servers->put($this->record('web2'));

        $this->assertSame(['web1', 'web2'], $this->hosts());
    }

    public function test_a_server_that_is_missing_in_the_index_adds_itself_again(): void
    {
        $this->servers->put($this->record('web1'));
        $this->cache->store()->flush();
        $this->servers->put($this->record('web1', seen: 1001));

        $this->assertSame(['web1'], $this->hosts());
    }

    public function test_the_index_drops_servers_that_publish_no_more(): void
    {
        $this->servers->put($this->record('web1', seen: 1000));
        $this->servers->put($this->record('web2', seen: 1000 + 4000));

        $this->assertSame(['web2'], $this->hosts());
    }

    #[TestWith(['no JSON'])]
    #[TestWith(['[]'])]
    #[TestWith(['{"id":"one"}'])]
    #[TestWith(['{"id":["one"],"host":"h","address":"a","directory":"d","application":null,"pid":1,"since":1,"run":"r"}'])]
    public function test_an_invalid_record_is_ignored(string $json): void
    {
        $this->cache->store()->put(Servers::ENTRY.'one', $json);

        $this->assertNull($this->servers->find('one'));
    }

    /** Supervisors of several versions share the cache during an update, so the names of fields never change. */
    public function test_a_record_has_the_fields_of_every_version(): void
    {
        $json = '{"id":"one","host":"web1","address":"0.0.0.0:8080","directory":"/srv/chat/current","application":"6bc8","pid":2044,"since":1795953397,"run":"60dd","options":{"port":"6001"},"state":"ready",'
            .'"server":{"pid":2138,"since":1795953403,"revurb":"0.1.0","bun":"1.4.5","release":"/srv/chat/releases/1","configuration":"99ce","apps":"e938","sockets":3,"redis":"unused"},'
            .'"restart":{"flag":"1795953400","began":1795953402.5,"isHandOver":true,"outcome":"done","reason":null,"seconds":2.3,"moved":1},'
            .'"crashes":{"count":1,"at":1795953400,"code":139},"exit":null,"reason":null,"seen":1795953404}';
        $this->cache->store()->put(Servers::ENTRY.'one', $json);

        $this->assertSame($json, $this->servers->find('one')?->toJson());
        $this->assertSame('revurb:server:', Servers::ENTRY);
    }

    public function test_a_field_of_a_later_version_is_ignored(): void
    {
        $record = $this->record('web1');
        $this->cache->store()->put(Servers::ENTRY.'one', json_encode([...$record->toArray(), 'later' => 1]));

        $this->assertEquals($record, $this->servers->find('one'));
    }

    public function test_options_that_reverb_start_does_not_have_are_ignored(): void
    {
        $fields = [...$this->record('web1')->toArray(), 'options' => ['port' => 8080, 'host' => '::1', 'debug' => true, 'path' => ['x'], 3 => 'y']];

        $this->assertSame(['host' => '::1', 'debug' => true], ServerRecord::from($fields)?->options);
        $this->assertSame([], ServerRecord::from(['options' => 'none'] + $fields)?->options);
    }

    public function test_a_file_store_does_not_create_a_deleted_release_again(): void
    {
        $release = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir("{$release}/storage", recursive: true);
        $files = new Filesystem;
        $repository = new Repository(new FileStore($files, "{$release}/storage/framework/cache/data"));
        $servers = new Servers(new class($repository) implements Factory
        {
            public function __construct(private Repository $repository) {}

            public function store($name = null): Repository
            {
                return $this->repository;
            }
        });

        $servers->put($this->record('a'));
        $this->assertCount(1, $servers->all());
        $files->deleteDirectory($release);

        try {
            $servers->put($this->record('a'));
            $this->fail('It was written.');
        } catch (RuntimeException $exception) {
            $this->assertSame("The directory {$release}/storage is gone.", $exception->getMessage());
        }

        $this->assertDirectoryDoesNotExist($release);
    }

    public function test_a_store_that_keeps_nothing_throws(): void
    {
        $servers = new Servers(new class implements Factory
        {
            public function store($name = null): Repository
            {
                return new Repository(new NullStore);
            }
        });

        $this->expectException(RuntimeException::class);
        $servers->put($this->record('web1'));
    }
}
