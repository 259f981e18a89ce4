<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunTarget;
use Revurb\Tests\Support\Elf;

/**
 * With constructed executables of PHP, in folders that play the file system.
 */
final class BunTargetTest extends TestCase
{
    private const GLIBC = '/lib64/ld-linux-x86-64.so.2';

    private const MUSL = '/lib/ld-musl-x86_64.so.1';

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

    private function target(string $machine, string $php, string $family = 'Linux', string ...$loaders): BunTarget
    {
        file_put_contents("{$this->root}/php", $php);

        foreach ($loaders as $loader) {
            (new Filesystem)->ensureDirectoryExists(dirname($this->root.$loader));
            touch($this->root.$loader);
        }

        return new BunTarget($family, $machine, "{$this->root}/php", $this->root);
    }

    #[TestWith(['x86_64', self::GLIBC, 'linux-x64'])]
    #[TestWith(['amd64', self::GLIBC, 'linux-x64'])]
    #[TestWith(['x86_64', self::MUSL, 'linux-x64-musl'])]
    #[TestWith(['aarch64', '/lib/ld-linux-aarch64.so.1', 'linux-aarch64'])]
    #[TestWith(['arm64', '/lib/ld-musl-aarch64.so.1', 'linux-aarch64-musl'])]
    #[TestWith(['x86_64', '/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2', 'linux-x64'])]
    #[TestWith(['x86_64', '/home/musl/lib/ld-linux-x86-64.so.2', 'linux-x64'])]
    public function test_the_libc_is_that_of_php(string $machine, string $loader, string $target): void
    {
        // Whatever else is there.
        $this->assertSame($target, $this->target($machine, Elf::file($loader), 'Linux', self::GLIBC, self::MUSL)->name());
    }

    /** @return iterable<string, array{string}> */
    public static function executablesForMusl(): iterable
    {
        yield 'the path is far from the start' => [Elf::file(self::MUSL, offset: 300_000)];
        yield 'it is the last of many program headers' => [Elf::file(self::MUSL, headersBefore: 40)];
        yield 'the program headers are at the end' => [Elf::file(self::MUSL, headersAt: 20_000)];
        yield 'program headers are longer than today' => [Elf::file(self::MUSL, headerBytes: 64)];
    }

    #[DataProvider('executablesForMusl')]
    public function test_the_loader_is_found_wherever_it_is(string $php): void
    {
        $this->assertSame('linux-x64-musl', $this->target('x86_64', $php, 'Linux', self::GLIBC)->name());
    }

    /** @return iterable<string, array{string}> */
    public static function executablesWithoutALoader(): iterable
    {
        yield 'it is linked statically' => [Elf::file(null)];
        yield 'it is empty' => [''];
        yield 'its header is cut' => [substr(Elf::file(self::MUSL), 0, 40)];
        yield 'its program headers are cut' => [substr(Elf::file(self::MUSL), 0, 100)];
        yield 'it ends before the path' => [substr(Elf::file(self::MUSL, offset: 5000), 0, 5000)];
        yield 'the offset of its program headers is impossible' => [Elf::file(self::MUSL, statedHeadersAt: -1)];
        yield 'it is a script' => ["#!/bin/sh\nexec php \"$@\"\n"];
    }

    #[DataProvider('executablesWithoutALoader')]
    public function test_without_one_the_loader_that_is_there_decides(string $php): void
    {
        $this->assertSame('linux-x64', $this->target('x86_64', $php)->name());
        $this->assertSame('linux-x64-musl', $this->target('x86_64', $php, 'Linux', self::MUSL)->name());
        $this->assertSame('linux-x64', $this->target('x86_64', $php, 'Linux', self::GLIBC, self::MUSL)->name());
    }

    #[TestWith(['Darwin', 'x86_64', 'darwin-x64'])]
    #[TestWith(['Darwin', 'arm64', 'darwin-aarch64'])]
    #[TestWith(['Linux', 'riscv64', null])]
    #[TestWith(['Linux', 'i686', null])]
    #[TestWith(['Linux', 'armv7l', null])]
    #[TestWith(['BSD', 'amd64', null])]
    #[TestWith(['Windows', 'AMD64', null])]
    public function test_other_systems_and_processors(string $family, string $machine, ?string $target): void
    {
        $this->assertSame($target, $this->target($machine, Elf::file(self::GLIBC), $family)->name());
    }

    public function test_there_is_none_for_a_php_of_32_bit_on_a_kernel_of_64(): void
    {
        $target = $this->target('x86_64', Elf::file('/lib/ld-linux.so.2', class: 1));

        $this->assertNull($target->name());
        $this->assertSame('Linux on x86_64, 32 bit', $target->machineDescription());
    }

    public function test_this_machine_has_the_target_of_the_bun_that_npm_chose(): void
    {
        $installed = array_map(basename(...), glob(dirname(__DIR__, 3).'/node_modules/@oven/bun-*') ?: []);
        $this->assertNotSame([], $installed);

        $this->assertContains('bun-'.(new BunTarget)->name(), $installed);
    }
}
