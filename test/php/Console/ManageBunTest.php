<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunTarget;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeBun;

/**
 * `reverb:bun` with archives that are files, and shell scripts that play Bun.
 */
final class ManageBunTest extends AppTestCase
{
    private string $stored;

    protected function setUp(): void
    {
        parent::setUp();
        $this->application()->instance(BunRelease::class, FakeBun::release());
        $this->stored = $this->application()->storagePath('revurb/'.FakeBun::name());
        $this->mirror(FakeBun::zip());
    }

    private function mirror(string $archive): string
    {
        file_put_contents($file = "{$this->base}/archive", $archive);
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => $file]);

        return $file;
    }

    /** @return list<string> what is in storage/revurb, besides the file for git */
    private function files(): array
    {
        $folder = dirname($this->stored);

        return is_dir($folder) ? array_values(array_diff(scandir($folder) ?: [], ['.', '..', '.gitignore'])) : [];
    }

    private function store(string $content, int $mode = 0755): void
    {
        @mkdir(dirname($this->stored));
        file_put_contents($this->stored, $content);
        chmod($this->stored, $mode);
    }

    #[TestWith(['zip'])]
    #[TestWith(['tarGz'])]
    public function test_it_installs_from_either_archive(string $format): void
    {
        $file = $this->mirror($format === 'zip' ? FakeBun::zip() : FakeBun::tarGz());
        $umask = umask(0077);

        try {
            [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);
        } finally {
            umask($umask);
        }

        $this->assertSame(0, $code, $output);
        $this->assertStringContainsString("Downloading {$file}", $output);
        $this->assertStringContainsString('Bun 1.4.99 is stored', $output);
        $this->assertSame(FakeBun::script(), file_get_contents($this->stored));
        $this->assertSame([0755, 0755], [fileperms($this->stored) & 0777, fileperms(dirname($this->stored)) & 0777]);
        $this->assertSame("*\n", file_get_contents(dirname($this->stored).'/.gitignore'));
        $this->assertSame([FakeBun::name()], $this->files());
    }

    public function test_it_installs_nothing_that_is_there_except_by_force(): void
    {
        $this->assertSame(0, $this->artisanCall('reverb:bun', ['--install' => true])[0]);
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => '/no/such/file']);

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);
        $this->assertSame(0, $code);
        $this->assertStringContainsString('Bun 1.4.99 is already stored', $output);

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true, '--force' => true]);
        $this->assertSame(1, $code);
        $this->assertStringContainsString('/no/such/file (REVURB_BUN_MIRROR) is not there.', $output);
        $this->assertSame(FakeBun::script(), file_get_contents($this->stored), 'The stored file stays.');

        $inode = fileinode($this->stored);
        $this->mirror(FakeBun::zip());
        $this->assertSame(0, $this->artisanCall('reverb:bun', ['--force' => true])[0]);
        clearstatcache();
        $this->assertNotSame($inode, fileinode($this->stored));
    }

    public function test_it_replaces_a_damaged_file(): void
    {
        $this->store("#!/bin/sh\necho 1.4.99\n");

        [$code, $output] = $this->artisanCall('reverb:bun');
        $this->assertSame(1, $code);
        $this->assertStringContainsString(FakeBun::name().' (is damaged: its SHA-512 is not the expected one)', $output);

        $this->assertSame(0, $this->artisanCall('reverb:bun', ['--install' => true])[0]);
        $this->assertSame(FakeBun::script(), file_get_contents($this->stored));
    }

    public function test_it_accepts_a_file_that_was_copied_by_hand(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => '/no/such/file']);
        $this->store(FakeBun::script(), 0644);
        $this->assertStringContainsString(FakeBun::name().' (is not executable)', $this->artisanCall('reverb:bun')[1]);

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(0, $code, $output);
        $this->assertStringContainsString('already stored', $output);
        $this->assertSame(0755, fileperms($this->stored) & 0777);
    }

    public function test_it_shows_what_is_used_stored_and_needed(): void
    {
        [$code, $output] = $this->artisanCall('reverb:bun');
        $this->assertSame(1, $code);
        $this->assertMatchesRegularExpression('/Stored +none/', $output);
        $this->assertStringContainsString('php artisan reverb:bun --install', $output);

        $this->artisanCall('reverb:bun', ['--install' => true]);
        $other = dirname($this->stored).'/bun-1.4.1-'.(new BunTarget)->name();
        touch($other);
        [$code, $output] = $this->artisanCall('reverb:bun');

        $this->assertSame(0, $code);
        $this->assertMatchesRegularExpression("#Used by reverb:start +1\.4\.99, {$this->stored}\n#", $output);
        $this->assertMatchesRegularExpression('#Tested with +Bun 1\.4\.99, '.(new BunTarget)->name().'\n#', $output);
        $this->assertStringContainsString(FakeBun::name().' (its SHA-512 is correct), '.basename($other).' (of another release)', $output);
        $this->assertMatchesRegularExpression("#Archive +{$this->base}/archive\n#", $output);
        $this->assertMatchesRegularExpression("#Place of the file +{$this->stored}\n#", $output);
        $this->assertMatchesRegularExpression('#SHA-512 of the file +'.hash('sha512', FakeBun::script()).'\n#', $output);
    }

    public function test_it_warns_of_a_configured_bun_that_is_used_instead(): void
    {
        foreach ([1, 2] as $run) {
            $this->assertStringNotContainsString('REVURB_BUN', $this->artisanCall('reverb:bun', ['--install' => true])[1]);
        }

        $this->configure(['reverb.servers.reverb.revurb.bun' => '/opt/bun']);

        foreach ([['--install' => true], ['--force' => true]] as $options) {
            [$code, $output] = $this->artisanCall('reverb:bun', $options);
            $this->assertSame(0, $code);
            $this->assertStringContainsString('reverb:start uses /opt/bun, because REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names it.', $output);
        }
    }

    public function test_it_says_why_a_configured_bun_is_not_used(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        $this->assertMatchesRegularExpression('#Used by reverb:start +none\. Bun .* names /no/such/bun, which is not there#', $this->artisanCall('reverb:bun')[1]);
    }

    public function test_it_keeps_the_newest_other_one_and_removes_older_ones(): void
    {
        mkdir(dirname($this->stored));

        foreach (['1.4.1', '1.4.2', '1.4.3'] as $version) {
            touch(dirname($this->stored)."/bun-{$version}-".(new BunTarget)->name());
        }

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(0, $code);
        $this->assertStringContainsString('Removed ', $output);
        $this->assertSame(['bun-1.4.3-'.(new BunTarget)->name(), FakeBun::name()], $this->files());
    }

    public function test_no_other_executable_is_stored_or_run(): void
    {
        $size = strlen(FakeBun::script());
        $evil = str_pad("#!/bin/sh\ntouch {$this->base}/has-run\necho 1.4.99\n", $size, '#');
        $this->mirror(FakeBun::zip($evil));

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('archive holds another file than Bun 1.4.99 for '.(new BunTarget)->name().': its SHA-512 is '.hash('sha512', $evil).'.', $output);
        $this->assertStringContainsString(hash('sha512', FakeBun::script()), $output, 'The expected one is shown as well.');
        $this->assertFileDoesNotExist("{$this->base}/has-run");
        $this->assertSame([], $this->files());
    }

    public function test_either_of_two_builds_is_accepted(): void
    {
        $other = FakeBun::script()."# another build\n";
        $this->application()->instance(BunRelease::class, FakeBun::release(FakeBun::script(), $other));
        $this->mirror(FakeBun::tarGz($other));

        $this->assertSame(0, $this->artisanCall('reverb:bun', ['--install' => true])[0]);
        $this->assertSame($other, file_get_contents($this->stored));
        $this->assertSame(0, $this->artisanCall('reverb:bun')[0]);
    }

    public function test_a_bun_that_does_not_run_here_is_not_stored(): void
    {
        $this->application()->instance(BunRelease::class, FakeBun::release($script = FakeBun::script('0.9')));
        $this->mirror(FakeBun::zip($script));

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('was downloaded, and cannot be used on this machine: it does not run.', $output);
        $this->assertSame([], $this->files());
    }

    public function test_an_archive_that_cannot_be_unpacked_is_named(): void
    {
        $this->mirror('<html>Please log in</html>');

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('archive is a web page and no archive, such as the login page of a proxy.', $output);
        $this->assertSame([], $this->files());
    }

    public function test_a_mirror_that_is_none_is_named(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => 'https://jane:secret@mirror.test/{arch}.zip']);

        foreach ([[], ['--install' => true]] as $options) {
            [$code, $output] = $this->artisanCall('reverb:bun', $options);
            $this->assertSame(1, $code);
            $this->assertStringNotContainsString('secret', $output);
            $this->assertStringContainsString('https://github.com/oven-sh/bun/releases/download/bun-v1.4.99/', $output);
        }

        $this->assertStringContainsString('REVURB_BUN_MIRROR (config/reverb.php: servers.reverb.revurb.bun_mirror) may contain {version} and {target}, and contains {arch}.', $output);
    }

    public function test_a_folder_as_mirror_is_named(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => $this->base]);

        $this->assertStringContainsString("{$this->base} is a folder, and REVURB_BUN_MIRROR has to name the archive in it.", $this->artisanCall('reverb:bun', ['--install' => true])[1]);
    }

    public function test_a_file_in_place_of_the_folder_is_named(): void
    {
        touch($folder = dirname($this->stored));

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('storage/revurb is no folder and has to be one: move it away.', $output);
        $this->assertSame('', file_get_contents($folder));
    }

    public function test_temporary_files_of_killed_installations_are_removed(): void
    {
        mkdir($folder = dirname($this->stored));
        touch("{$folder}/.bun-old.part", time() - 3700);
        touch("{$folder}/.bun-young.part", time() - 3500);

        $this->artisanCall('reverb:bun', ['--install' => true]);

        $this->assertSame(['.bun-young.part', FakeBun::name()], $this->files());
    }

    public function test_a_machine_for_which_there_is_no_bun_is_named(): void
    {
        $this->application()->instance(BunTarget::class, new BunTarget('BSD', 'amd64'));

        [$code, $output] = $this->artisanCall('reverb:bun', ['--install' => true]);
        $this->assertSame(1, $code);
        $this->assertStringContainsString('There is no Bun for this machine (BSD on amd64)', $output);
        $this->assertStringNotContainsString('SHA-512', $output);
        $this->assertSame([1, []], [$this->artisanCall('reverb:bun')[0], $this->files()]);
    }
}
