<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunFault;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunPlace;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\FoundBun;
use Revurb\Bun\MuslLibraries;
use Revurb\System\Platform;
use Revurb\Tests\Support\Elf;

/**
 * With little shell scripts that play Bun.
 */
final class BunFinderTest extends TestCase
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

    private function bun(string $file, string $script = 'echo 1.4.5'): string
    {
        $file = "{$this->base}/{$file}";
        (new Filesystem)->ensureDirectoryExists(dirname($file));
        file_put_contents($file, "#!/bin/sh\n{$script}\n");
        chmod($file, 0755);

        return $file;
    }

    private function search(?string $variable = null): BunFinder
    {
        return new BunFinder(new BunVersionProbe, $this->base, $variable, "{$this->base}/nowhere:{$this->base}/bin", ["{$this->base}/home", "{$this->base}/other-home"], store: $this->store());
    }

    private function store(): BunStore
    {
        return new BunStore("{$this->base}/storage/revurb", new BunRelease('1.4.5'), new BunTarget('Darwin', 'arm64'));
    }

    private const PLACEHOLDER = "echo 'Error: Bun could not be installed: run the install script' >&2; exit 1";

    public function test_bun_is_looked_for_in_the_documented_order(): void
    {
        foreach ([
            'other-home/.bun/bin/bun' => BunPlace::Home,
            'home/.bun/bin/bun' => BunPlace::Home,
            'bin/bun' => BunPlace::Path,
            'node_modules/@oven/bun-linux-x64/bin/bun' => BunPlace::NodeModules,
            'node_modules/.bin/bun' => BunPlace::NodeModules,
            'storage/revurb/bun-1.4.4-darwin-aarch64' => BunPlace::Storage,
            'storage/revurb/bun-1.4.6-darwin-aarch64' => BunPlace::Storage,
            'storage/revurb/bun-1.4.5-darwin-aarch64' => BunPlace::Storage,
        ] as $file => $place) {
            $file = $this->bun($file);
            $this->assertEquals(new FoundBun($file, '1.4.5', $place), $this->search()->find());
        }

        $variable = $this->bun('variable');
        $configured = $this->bun('configured');
        $this->assertEquals(new FoundBun($variable, '1.4.5', BunPlace::Named), $this->search($variable)->find());
        $this->assertSame($configured, $this->search($variable)->find($configured)->file);
    }

    public function test_a_stored_bun_that_is_too_old_or_does_not_run_is_skipped(): void
    {
        $this->bun('storage/revurb/bun-1.4.5-darwin-aarch64', 'exit 1');
        $this->bun('storage/revurb/bun-1.3.0-darwin-aarch64', 'echo 1.3.0');
        $file = $this->bun('bin/bun');

        $this->assertSame($file, $this->search()->find()->file);
    }

    public function test_a_configured_name_is_looked_up_in_path(): void
    {
        $file = $this->bun('bin/bun-canary', 'echo 1.5.0-canary.3+abcdef');

        $this->assertSame($file, $this->search('bun-canary')->find()->file);
    }

    public function test_a_placeholder_of_npm_is_skipped_for_the_executable(): void
    {
        $this->bun('node_modules/.bin/bun', self::PLACEHOLDER);
        $real = $this->bun('node_modules/@oven/bun-linux-x64/bin/bun');

        $this->assertSame($real, $this->search()->find()->file);
    }

    public function test_the_executable_of_pnpm_is_found_without_its_install_script(): void
    {
        $this->bun('node_modules/bun/bin/bun.exe', self::PLACEHOLDER);
        $this->bun('node_modules/.bin/bun', 'exec "$(dirname "$0")/../bun/bin/bun.exe" "$@"');
        $real = $this->bun('node_modules/.pnpm/@oven+bun-linux-x64@1.4.5/node_modules/@oven/bun-linux-x64/bin/bun');

        $this->assertSame($real, $this->search()->find()->file);
    }

    #[TestWith([true])]
    #[TestWith([false])]
    public function test_a_placeholder_alone_is_named_with_its_fix(bool $isSymlink): void
    {
        $this->bun('node_modules/bun/bin/bun.exe', self::PLACEHOLDER);
        $file = $isSymlink ? "{$this->base}/node_modules/.bin/bun" : $this->bun('node_modules/.bin/bun', 'exec "$(dirname "$0")/../bun/bin/bun.exe" "$@"');

        if ($isSymlink) {
            mkdir(dirname($file));
            symlink('../bun/bin/bun.exe', $file);
        }

        $fault = $this->faultOf(fn () => $this->search()->find());
        $this->assertSame(BunFault::PLACEHOLDER, $fault->code);
        $this->assertSame('php artisan reverb:bun --install', $fault->fix);
        $this->assertSame(BunFault::PLACEHOLDER, $this->faultOf(fn () => $this->search()->find($file))->code);
    }

    #[TestWith([0xB7, null, 'is built for aarch64, and this machine is x86_64'])]
    #[TestWith([0x3E, '/lib/ld-musl-nosuch.so.1', 'is built for Linux with musl (Alpine), and this system has no /lib/ld-musl-nosuch.so.1'])]
    #[TestWith([0x3E, '/lib64/ld-linux-nosuch.so.2', 'is built for Linux with glibc, and this system has no /lib64/ld-linux-nosuch.so.2'])]
    public function test_a_bun_for_another_processor_or_libc_is_named(int $machine, ?string $loader, string $text): void
    {
        if (php_uname('m') !== 'x86_64') {
            $this->markTestSkipped('The files are those of x86_64.');
        }

        $fault = $this->faultOfFile(Elf::file($loader, machine: $machine));
        $this->assertSame([BunFault::OTHER_PLATFORM, $text, 'php artisan reverb:bun --install'], [$fault->code, $fault->text, $fault->fix]);
    }

    public function test_a_library_that_a_bun_for_musl_needs_is_named(): void
    {
        if (php_uname('m') !== 'x86_64' || (new MuslLibraries)->has(MuslLibraries::OF_BUN)) {
            $this->markTestSkipped('The file is that of x86_64, and this system has the library.');
        }

        // Any file stands for the loader.
        file_put_contents($loader = "{$this->base}/ld-musl-x86_64.so.1", '');
        $fault = $this->faultOfFile(Elf::file($loader));

        $this->assertSame([BunFault::DOES_NOT_RUN, 'needs libstdc++.so.6, which is not installed', 'apk add libstdc++'], [$fault->code, $fault->text, $fault->fix]);
        $this->assertSame('run `apk add libstdc++`, name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`', BunNotFound::fixOfNamed($fault));
    }

    #[TestWith(["\xcf\xfa\xed\xfe", 'macOS'])]
    #[TestWith(['MZ', 'Windows'])]
    public function test_a_bun_for_another_operating_system_is_named(string $magic, string $system): void
    {
        $this->assertSame('is built for '.$system.', and this is '.(PHP_OS_FAMILY), $this->faultOfFile($magic)->text);
    }

    /** Such a file is not run here: a shell would take its bytes for a script. */
    private function faultOfFile(string $content): BunFault
    {
        file_put_contents($file = $this->bun('node_modules/.bin/bun'), $content);

        return BunFault::of($file) ?? BunFault::unknown($file);
    }

    private function faultOf(\Closure $search): BunFault
    {
        try {
            $search();
        } catch (BunNotFound $exception) {
            return $exception->fault ?? throw $exception;
        }

        $this->fail('It was taken all the same.');
    }

    public function test_without_bun_the_error_is_one_sentence_with_the_command(): void
    {
        $this->expectExceptionObject(BunNotFound::anywhere([]));
        $this->expectExceptionMessage('`php artisan reverb:bun --install`');

        $this->search()->find();
    }

    public function test_a_bun_that_was_found_and_cannot_be_used_is_named(): void
    {
        $broken = $this->bun('node_modules/.bin/bun', 'exit 1');
        $old = $this->bun('bin/bun', 'echo 1.3.99');

        $this->expectExceptionMessage("({$broken} does not run; {$old} is 1.3.99): run `php artisan reverb:bun --install` in the folder");

        $this->search()->find();
    }

    public function test_a_configured_bun_is_used_or_none(): void
    {
        $this->bun('bin/bun');

        foreach (['/no/such/bun' => 'is not there', $this->bun('broken', 'exit 1') => 'does not run', $this->bun('old', 'echo 1.0.0') => 'is 1.0.0'] as $named => $fault) {
            try {
                $this->search()->find($named);
                $this->fail('It was taken all the same.');
            } catch (BunNotFound $exception) {
                $this->assertStringContainsString("names {$named}, which {$fault}: name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`.", $exception->getMessage());
                $this->assertSame(["{$named} {$fault}"], $exception->found);
            }
        }
    }

    public function test_bun_is_looked_for_in_the_documented_order_on_windows(): void
    {
        $windows = new BunFinder(new BunVersionProbe, $this->base, null, "{$this->base}/nowhere;{$this->base}/bin", ["{$this->base}/home"], new Platform('Windows'));

        // Of npm these are scripts for other shells, and on Windows no programs.
        foreach (['home/.bun/bin/bun', 'bin/bun', 'node_modules/.bin/bun'] as $script) {
            $this->bun($script);
        }

        foreach (['home/.bun/bin/bun.exe', 'bin/bun.cmd', 'bin/bun.exe', 'node_modules/@oven/bun-windows-x64/bin/bun.exe', 'node_modules/bun/bin/bun.exe', 'node_modules/.bin/bun.exe'] as $place) {
            $file = $this->bun($place);
            $this->assertSame($file, $windows->find()->file);
        }

        $this->assertSame("{$this->base}/bin/bun.exe", $windows->find('bun')->file);
        $this->assertSame("{$this->base}/bin/bun.cmd", $windows->find('bun.cmd')->file);
        $this->assertSame("{$this->base}/home/.bun/bin/bun.exe", $windows->find("{$this->base}/home/.bun/bin/bun.exe")->file);
    }

    public function test_backslashes_make_a_path_on_windows_only(): void
    {
        $this->bun('bin/C:\bun.exe');

        $this->assertSame("{$this->base}/bin/C:\bun.exe", $this->search('C:\bun.exe')->find()->file);
        $this->expectExceptionMessage('C:\bun.exe, which is not there');

        (new BunFinder(new BunVersionProbe, $this->base, 'C:\bun.exe', "{$this->base}/bin", [], new Platform('Windows')))->find();
    }

    public function test_a_file_that_does_not_run_is_no_bun(): void
    {
        $file = $this->bun('text');
        chmod($file, 0644);

        $this->assertNull((new BunVersionProbe)->versionOf($file));
        $fault = $this->faultOf(fn () => $this->search()->find($file));
        $this->assertSame([BunFault::NOT_EXECUTABLE, "chmod +x {$file}"], [$fault->code, $fault->fix]);
        $this->assertSame("run `chmod +x {$file}`, name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`", BunNotFound::fixOfNamed($fault));
        $this->assertNull((new BunVersionProbe)->versionOf($this->base));
    }
}
