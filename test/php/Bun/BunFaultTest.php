<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunFault;

final class BunFaultTest extends TestCase
{
    private string $base;

    protected function setUp(): void
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir($this->base);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->base);
    }

    private function file(string $name, string $content, int $mode = 0755): string
    {
        (new Filesystem)->ensureDirectoryExists(dirname($file = "{$this->base}/{$name}"));
        file_put_contents($file, $content);
        chmod($file, $mode);

        return $file;
    }

    #[TestWith(['storage/revurb/bun-1.4.5-linux-x64', 'php artisan reverb:bun --install --force'])]
    #[TestWith(['node_modules/.bin/bun', 'php artisan reverb:bun --install'])]
    #[TestWith(['storage/revurb/bun', 'php artisan reverb:bun --install'])]
    public function test_a_stored_file_that_cannot_be_run_is_downloaded_again(string $name, string $fix): void
    {
        $macOs = BunFault::of($this->file($name, PHP_OS_FAMILY === 'Darwin' ? "\x7fELF" : "\xcf\xfa\xed\xfe"));
        $this->assertSame([BunFault::OTHER_PLATFORM, $fix], [$macOs?->code, $macOs?->fix]);
        $this->assertSame([BunFault::DOES_NOT_RUN, $fix], [BunFault::unknown("{$this->base}/{$name}")->code, BunFault::unknown("{$this->base}/{$name}")->fix]);
    }

    public function test_a_file_without_permission_is_made_executable_which_the_installation_does_itself_with_a_stored_one(): void
    {
        $stored = BunFault::of($this->file('storage/revurb/bun-1.4.5-linux-x64', 'x', 0644));
        $this->assertSame([BunFault::NOT_EXECUTABLE, 'php artisan reverb:bun --install'], [$stored?->code, $stored?->fix]);

        $other = BunFault::of($file = $this->file('bin/bun', 'x', 0644));
        $this->assertSame([BunFault::NOT_EXECUTABLE, "chmod +x {$file}"], [$other?->code, $other?->fix]);
    }

    public function test_a_bun_that_is_missing_or_too_old_is_installed_beside_what_is_there(): void
    {
        $this->assertSame('php artisan reverb:bun --install', BunFault::of("{$this->base}/storage/revurb/bun-1.4.5-linux-x64")?->fix);
        $this->assertSame('php artisan reverb:bun --install', BunFault::tooOld('1.3.0')->fix);
    }
}
