<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunInstaller;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\Download\Downloader;
use Revurb\Bun\MuslLibraries;
use Revurb\Bun\Storage\FailedInstallation;
use Revurb\Tests\Support\Elf;
use Revurb\Tests\Support\RecordedProgress;

final class MuslLibrariesTest extends TestCase
{
    private string $root;

    protected function setUp(): void
    {
        $this->root = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir($this->root);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->root);
    }

    private function file(string $file, string $content = ''): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname($this->root.$file));
        file_put_contents($this->root.$file, $content);
    }

    public function test_a_library_is_found_in_the_folders_of_musl(): void
    {
        $libraries = new MuslLibraries($this->root);
        $this->file('/usr/lib/x86_64-linux-gnu/libstdc++.so.6');
        $this->assertFalse($libraries->has('libstdc++.so.6'), 'It is that of glibc.');

        $this->file('/usr/lib/libstdc++.so.6');
        $this->assertTrue($libraries->has('libstdc++.so.6'));
        $this->assertFalse($libraries->has('libother.so.1'));
    }

    public function test_a_file_names_other_folders(): void
    {
        $this->file('/usr/lib/libstdc++.so.6');
        $this->file('/etc/ld-musl-x86_64.path', "/usr/local/lib\n/lib/x86_64-linux-musl:/opt/lib\n");
        $this->assertFalse((new MuslLibraries($this->root))->has('libstdc++.so.6'));

        $this->file('/opt/lib/libstdc++.so.6');
        $this->assertTrue((new MuslLibraries($this->root))->has('libstdc++.so.6'));
    }

    public function test_nothing_is_downloaded_without_the_library(): void
    {
        $this->file('/php', Elf::file('/lib/ld-musl-x86_64.so.1'));
        $target = new BunTarget('Linux', 'x86_64', "{$this->root}/php");
        $installer = new BunInstaller(new BunStore("{$this->root}/store", new BunRelease, $target), $target, new BunVersionProbe, new Downloader, new MuslLibraries($this->root));

        try {
            $installer->install('/no/such/file', new RecordedProgress);
            $this->fail('It was downloaded all the same.');
        } catch (FailedInstallation $exception) {
            $this->assertSame('Bun needs libstdc++.so.6 on this machine, which is not installed: run `apk add libstdc++` as root first', $exception->getMessage());
        }

        $this->assertDirectoryDoesNotExist("{$this->root}/store");
        $this->file('/usr/lib/libstdc++.so.6');
        $this->expectExceptionMessage('/no/such/file (REVURB_BUN_MIRROR) is not there');
        $installer->install('/no/such/file', new RecordedProgress);
    }
}
