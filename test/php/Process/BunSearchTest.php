<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\TestCase;
use Revurb\Process\AskBun;
use Revurb\Process\BunSearch;
use Revurb\Process\NoBun;
use Revurb\Process\Platform;

/**
 * With little shell scripts that play Bun.
 */
final class BunSearchTest extends TestCase
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

    private function search(?string $variable = null): BunSearch
    {
        return new BunSearch(new AskBun, $this->base, $variable, "{$this->base}/nowhere:{$this->base}/bin", ["{$this->base}/home", "{$this->base}/other-home"]);
    }

    private const PLACEHOLDER = "echo 'Error: Bun could not be installed: run the install script' >&2; exit 1";

    public function test_the_order_of_places(): void
    {
        foreach (['other-home/.bun/bin/bun', 'home/.bun/bin/bun', 'bin/bun', 'node_modules/@oven/bun-linux-x64/bin/bun', 'node_modules/.bin/bun'] as $place) {
            $file = $this->bun($place);
            $this->assertSame($file, $this->search()->find());
        }

        $variable = $this->bun('variable');
        $configured = $this->bun('configured');
        $this->assertSame($variable, $this->search($variable)->find());
        $this->assertSame($configured, $this->search($variable)->find($configured));
    }

    public function test_a_name_is_looked_up_in_path(): void
    {
        $file = $this->bun('bin/bun-canary', 'echo 1.5.0-canary.3+abcdef');

        $this->assertSame($file, $this->search('bun-canary')->find());
    }

    public function test_a_placeholder_is_passed_over_for_the_real_one(): void
    {
        $this->bun('node_modules/.bin/bun', self::PLACEHOLDER);
        $real = $this->bun('node_modules/@oven/bun-linux-x64/bin/bun');

        $this->assertSame($real, $this->search()->find());
    }

    public function test_none_is_one_sentence_with_the_command(): void
    {
        $this->expectExceptionObject(NoBun::anywhere([]));
        $this->expectExceptionMessage('`npm install bun`');

        $this->search()->find();
    }

    public function test_what_was_found_and_could_not_be_used_is_named(): void
    {
        $placeholder = $this->bun('node_modules/.bin/bun', self::PLACEHOLDER);
        $old = $this->bun('bin/bun', 'echo 1.3.99');

        $this->expectExceptionMessage("({$placeholder} does not run; {$old} is 1.3.99)");

        $this->search()->find();
    }

    public function test_the_one_that_was_asked_for_is_that_one_or_none(): void
    {
        $this->bun('bin/bun');

        foreach (['/no/such/bun' => 'there is no such file', $this->bun('broken', 'exit 1') => 'does not run', $this->bun('old', 'echo 1.0.0') => 'is 1.0.0'] as $named => $fault) {
            try {
                $this->search()->find($named);
                $this->fail('It was taken all the same.');
            } catch (NoBun $exception) {
                $this->assertStringContainsString("{$named}: {$fault}", $exception->getMessage());
            }
        }
    }

    public function test_the_order_of_places_on_windows(): void
    {
        $windows = new BunSearch(new AskBun, $this->base, null, "{$this->base}/nowhere;{$this->base}/bin", ["{$this->base}/home"], new Platform('Windows'));

        // Of npm these are scripts for other shells, and on Windows no programs.
        foreach (['home/.bun/bin/bun', 'bin/bun', 'node_modules/.bin/bun'] as $script) {
            $this->bun($script);
        }

        foreach (['home/.bun/bin/bun.exe', 'bin/bun.cmd', 'bin/bun.exe', 'node_modules/@oven/bun-windows-x64/bin/bun.exe', 'node_modules/bun/bin/bun.exe', 'node_modules/.bin/bun.exe'] as $place) {
            $file = $this->bun($place);
            $this->assertSame($file, $windows->find());
        }

        $this->assertSame("{$this->base}/bin/bun.exe", $windows->find('bun'));
        $this->assertSame("{$this->base}/bin/bun.cmd", $windows->find('bun.cmd'));
        $this->assertSame("{$this->base}/home/.bun/bin/bun.exe", $windows->find("{$this->base}/home/.bun/bin/bun.exe"));
    }

    public function test_a_path_with_backslashes_is_one_on_windows_only(): void
    {
        $this->bun('bin/C:\bun.exe');

        $this->assertSame("{$this->base}/bin/C:\bun.exe", $this->search('C:\bun.exe')->find());
        $this->expectExceptionMessage('C:\bun.exe: there is no such file');

        (new BunSearch(new AskBun, $this->base, 'C:\bun.exe', "{$this->base}/bin", [], new Platform('Windows')))->find();
    }

    public function test_a_file_that_cannot_be_run_is_no_bun(): void
    {
        $file = $this->bun('text');
        chmod($file, 0644);

        $this->assertNull((new AskBun)->versionOf($file));
        $this->assertNull((new AskBun)->versionOf($this->base));
    }
}
