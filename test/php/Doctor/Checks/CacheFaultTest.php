<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use ErrorException;
use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\Checks\CacheFault;
use Revurb\Doctor\Checks\DatabaseFault;
use Revurb\Doctor\Checks\Folder;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;

final class CacheFaultTest extends LocalServerTestCase
{
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
    public function test_an_unwritable_cache_has_the_fix_for_its_reason(string $message, string $driver, Code $code, string $fault, string $fix): void
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

    public function test_a_file_in_place_of_the_cache_folder_is_named(): void
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
}
