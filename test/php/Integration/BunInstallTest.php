<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\Archive\Archive;
use Revurb\Bun\Archive\Unpacking;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\Download\FailedDownload;
use Revurb\Bun\Storage\FailedInstallation;
use Revurb\Bun\Storage\PartFile;
use Revurb\Bun\Storage\StoreFolder;
use Revurb\Tests\Support\ArchiveServer;
use Revurb\Tests\Support\FakeBun;
use Revurb\Tests\Support\Port;
use Revurb\Tests\Support\RealApp;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * `reverb:bun --install` over HTTP: with the real Bun, and with everything that can go wrong.
 */
final class BunInstallTest extends RealAppTestCase
{
    private string $folder;

    private ArchiveServer $server;

    /** A folder on which a file system is mounted. */
    private ?string $mounted = null;

    protected function setUp(): void
    {
        parent::setUp();
        $this->folder = "{$this->app->base}/storage/revurb";
        mkdir("{$this->app->base}/archives");
        $this->server = new ArchiveServer("{$this->app->base}/archives");
    }

    protected function tearDown(): void
    {
        $this->server->stop();

        if ($this->mounted !== null) {
            (new Process(['umount', $this->mounted]))->run();
        }

        parent::tearDown();
    }

    /** Has the application expect a script in place of Bun, and get it from the server. */
    private function fake(string $path, string $archive): void
    {
        file_put_contents("{$this->app->base}/archives/archive", $archive);
        $this->app->write('booted.php', '<?php app()->instance(Revurb\Bun\BunRelease::class, '.sprintf(
            'new Revurb\Bun\BunRelease(%s, [%s => [%s => %d]])',
            var_export(FakeBun::VERSION, true),
            var_export((new BunTarget)->name(), true),
            var_export(hash('sha512', FakeBun::script()), true),
            strlen(FakeBun::script()),
        ).');');
        $this->app->environment('REVURB_BUN_MIRROR='.$this->server->url($path).'?v={version}');
    }

    /** @return array{int, string} exit code and output */
    private function install(string ...$options): array
    {
        $process = $this->app->artisan('reverb:bun', '--install', ...$options);

        return [$process->wait(), $process->getOutput().$process->getErrorOutput()];
    }

    /** @return list<string> what is in storage/revurb, besides the file for git */
    private function files(): array
    {
        return is_dir($this->folder) ? array_values(array_diff(scandir($this->folder) ?: [], ['.', '..', '.gitignore'])) : [];
    }

    private static function realBun(): string
    {
        return (string) realpath(dirname(__DIR__, 3).'/node_modules/.bin/bun');
    }

    private function needsThePinnedBun(): string
    {
        if ((new BunVersionProbe)->versionOf(self::realBun()) !== BunRelease::VERSION) {
            $this->markTestSkipped('node_modules has another Bun than the one of this release: `make bun-release`.');
        }

        return self::realBun();
    }

    /** An archive of the real Bun in the form of GitHub's, or of npm's. */
    private function archive(string $format): string
    {
        $target = (string) (new BunTarget)->name();
        $file = "{$this->app->base}/archives/".($format === 'zip' ? "bun-{$target}.zip" : "bun-{$target}-".BunRelease::VERSION.'.tgz');
        $inside = $format === 'zip' ? "bun-{$target}" : 'package/bin';
        mkdir("{$this->app->base}/tree/{$inside}", recursive: true);
        copy($this->needsThePinnedBun(), "{$this->app->base}/tree/{$inside}/bun");
        // The least compression: the file is the same, and made faster.
        $command = $format === 'zip' ? "zip -1 -q -r {$file} bun-{$target}" : "tar -c package | gzip -1 > {$file}";
        $process = Process::fromShellCommandline($command, "{$this->app->base}/tree", timeout: RealApp::TIMEOUT_SECONDS);

        if ($process->run() !== 0) {
            $this->markTestSkipped("`{$command}` fails on this machine: {$process->getErrorOutput()}");
        }

        return $file;
    }

    /** 107 MB of Bun in a process that may have 40 MB of memory, of which Laravel needs 20. */
    #[TestWith(['zip'])]
    #[TestWith(['tgz'])]
    public function test_the_real_bun_is_installed_and_runs(string $format): void
    {
        $name = basename($archive = $this->archive($format));
        $this->app->environment('REVURB_BUN_MIRROR='.$this->server->url('files').'/'.str_replace([BunRelease::VERSION, (string) (new BunTarget)->name()], ['{version}', '{target}'], $name));
        $this->app->replaceEnvironment('REVURB_BUN', '');
        $process = $this->app->artisanWith(['-d', 'memory_limit=40M'], 'reverb:bun', '--install');

        $this->assertSame(0, $process->wait(), $process->getOutput().$process->getErrorOutput());
        $this->assertStringContainsString('Downloading '.$this->server->url("files/{$name}"), $process->getOutput());
        $this->assertSame([$stored = 'bun-'.BunRelease::VERSION.'-'.(new BunTarget)->name()], $this->files());

        $check = $this->app->artisan('reverb:start', '--check');
        $this->assertSame(0, $check->wait(), $check->getOutput());
        $shown = $this->app->artisan('reverb:bun');
        $this->assertSame(0, $shown->wait());
        $this->assertStringContainsString(BunRelease::VERSION.", {$this->folder}/{$stored}", $shown->getOutput());
        // 1 MB is usual; an archive that is kept, or its executable, would be 50 or 107.
        $this->assertLessThan(32_000_000, $this->peakOfUnpacking($archive));
    }

    /** The bytes of memory that unpacking takes at its peak, beside what was taken before. */
    private function peakOfUnpacking(string $file): int
    {
        $unpacking = new Unpacking(new Archive((new BunRelease)->sizes((string) (new BunTarget)->name()), 'Bun'), static function (string $bytes): void {});
        $archive = fopen($file, 'rb');
        memory_reset_peak_usage();
        $before = memory_get_usage();

        while ($archive !== false && ($piece = fread($archive, 65_536)) !== false && $piece !== '') {
            $unpacking->push($piece);
        }

        $unpacking->end();

        return memory_get_peak_usage() - $before;
    }

    public function test_a_download_that_is_cut_leaves_nothing_behind(): void
    {
        $this->fake('', FakeBun::zip());
        $old = "{$this->folder}/bun-1.4.1-".(new BunTarget)->name();
        mkdir($this->folder);
        touch($old);

        foreach (['cut', 'unsized-cut'] as $kind) {
            foreach ($kind === 'cut' ? range(10, 90, 10) : [50] as $percent) {
                $this->app->replaceEnvironment('REVURB_BUN_MIRROR', $this->server->url("{$kind}/{$percent}/archive").'?v={version}');
                [$code, $output] = $this->install();
                $this->assertSame(1, $code, $output);
                $this->assertStringContainsString($kind === 'cut' ? 'was cut off after' : 'ends in the middle', $output);
                $this->assertSame([basename($old)], $this->files());
            }
        }
    }

    public function test_a_failure_names_the_address_the_place_and_the_hash(): void
    {
        $this->fake('status/503', FakeBun::zip());

        [$code, $output] = $this->install('--no-ansi');

        $this->assertSame(1, $code);
        $url = $this->server->url('status/503').'?…';
        $this->assertStringContainsString("ERROR  {$url} has answered 503: it has a fault of its own, and may work later.", (string) preg_replace('/\s+\n\s*/', ' ', $output));
        $this->assertMatchesRegularExpression('#Archive +'.preg_quote($url, '#')."\n#", $output);
        $this->assertMatchesRegularExpression("#Place of the file +{$this->folder}/".FakeBun::name()."\n#", $output);
        $this->assertStringContainsString(hash('sha512', FakeBun::script()), $output);
        $this->assertSame([], $this->files());
    }

    public function test_without_a_network_nothing_is_left_behind(): void
    {
        $this->fake('', FakeBun::zip());

        foreach (['http://127.0.0.1:'.Port::free() => 'ERROR 127.0.0.1 cannot be connected to', 'https://no-such-host.invalid' => 'ERROR no-such-host.invalid cannot be found in DNS'] as $mirror => $sentence) {
            $this->app->replaceEnvironment('REVURB_BUN_MIRROR', $mirror);
            [$code, $output] = $this->install();
            $this->assertSame(1, $code);
            $this->assertStringContainsString($sentence, (string) preg_replace('/\s+/', ' ', $output));
            $this->assertSame([], $this->files());
        }
    }

    /** An archive cannot be unpacked, or Bun not be run, so that nothing is downloaded. */
    #[TestWith(['inflate_init', 'Bun cannot be unpacked: this PHP has no extension zlib'])]
    #[TestWith(['proc_open', 'This PHP has no proc_open'])]
    public function test_a_missing_function_is_named_before_the_download(string $function, string $sentence): void
    {
        $this->fake('files/archive', FakeBun::zip());
        $install = fn (): Process => $this->app->php('-d', "disable_functions={$function}", 'artisan', 'reverb:bun', '--install');

        $process = $install();
        $this->assertSame(1, $process->wait());
        $this->assertStringContainsString("ERROR {$sentence}", (string) preg_replace('/\s+/', ' ', $process->getOutput()));
        $this->assertSame([[], []], [$this->server->requests(), $this->files()]);

        mkdir($this->folder);
        file_put_contents("{$this->folder}/".FakeBun::name(), FakeBun::script());
        $process = $install();
        $this->assertSame(0, $process->wait(), $process->getOutput());
        $this->assertStringContainsString('already stored', $process->getOutput());
    }

    public function test_nothing_is_printed_when_quiet(): void
    {
        $this->fake('files/archive', FakeBun::tarGz());

        $this->assertSame([0, ''], $this->install('--quiet'));
        $this->assertSame([FakeBun::name()], $this->files());
    }

    /** No file outside of the application is asked for, which PHP would answer with a warning. */
    public function test_open_basedir_is_respected(): void
    {
        $this->fake('files/archive', FakeBun::zip());
        $this->app->replaceEnvironment('REVURB_BUN', '');

        foreach (['--install', '--force', '--no-ansi'] as $option) {
            $process = $this->app->php('-d', "open_basedir={$this->app->base}:".dirname(__DIR__, 3), 'artisan', 'reverb:bun', $option);
            $this->assertSame(0, $process->wait(), $process->getOutput());
        }

        $this->assertStringContainsString("Used by reverb:start   1.4.99, {$this->folder}", $process->getOutput());
    }

    public function test_two_installations_at_the_same_time_both_succeed(): void
    {
        $this->fake('files/archive', FakeBun::zip());
        $processes = array_map(fn (): Process => $this->app->artisan('reverb:bun', '--install', '--force'), range(1, 3));

        foreach ($processes as $process) {
            $this->assertSame(0, $process->wait(), $process->getOutput().$process->getErrorOutput());
        }

        $this->assertSame([FakeBun::name()], $this->files());
        $this->assertSame(FakeBun::script(), file_get_contents("{$this->folder}/".FakeBun::name()));
    }

    #[TestWith([SIGINT])]
    #[TestWith([SIGTERM])]
    public function test_a_signal_removes_what_has_arrived(int $signal): void
    {
        $this->fake('stall/archive', FakeBun::zip());
        $process = $this->app->artisan('reverb:bun', '--install');
        $this->app->waitFor($process, 'Downloading');
        $this->eventually(fn (): bool => preg_grep('/\.part$/', $this->files()) !== [], 'There is no temporary file.');

        $process->signal($signal);

        $this->eventually(fn (): bool => ! $process->isRunning(), 'It has not ended.');
        $this->assertSame($signal, $process->getTermSignal(), 'It ends as it does without a handler.');
        $this->assertSame([], $this->files());
    }

    public function test_a_full_disk_is_named_before_the_download(): void
    {
        $this->mount('size=4m');
        $this->fake('files/archive', FakeBun::zip());

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertMatchesRegularExpression('#storage/revurb has 4\.\d MB of free space, and 17\.\d MB are needed\.#', $output);
        $this->assertSame([], $this->server->requests());
        $this->assertSame([], $this->files());
    }

    public function test_a_file_system_that_takes_no_more_files_is_named(): void
    {
        $this->mount('nr_inodes=2,size=40m');
        $this->fake('files/archive', FakeBun::zip());

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertStringContainsString('storage/revurb cannot be written (No space left on device).', $output);
        $this->assertSame([], $this->server->requests());
    }

    public function test_a_read_only_file_system_is_named(): void
    {
        $this->mount('ro');
        $this->fake('files/archive', FakeBun::zip());

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertStringContainsString('storage/revurb cannot be written (Read-only file system)', $output);
        $this->assertSame([], $this->server->requests());
    }

    public function test_a_file_system_where_nothing_may_be_executed_is_named(): void
    {
        $this->mount('noexec,size=40m');
        $this->fake('files/archive', FakeBun::zip());

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertStringContainsString('nothing may be executed (noexec).', (string) preg_replace('/\s+/', ' ', $output));
        $this->assertSame([], $this->files());
    }

    /** A limit of the shell in place of a disk that becomes full while it is written. */
    public function test_a_write_that_fails_is_named_and_leaves_nothing_behind(): void
    {
        $this->fake('files/archive', FakeBun::zip());
        $process = Process::fromShellCommandline('trap "" XFSZ; ulimit -f 100; exec "$PHP" artisan reverb:bun --install', $this->app->base, ['PHP' => PHP_BINARY, 'REVURB_BUN_MIRROR' => false]);

        $this->assertSame(1, $process->run());
        $this->assertStringContainsString('storage/revurb could not be written (File too large).', $process->getOutput());
        $this->assertSame([], $this->files());
    }

    #[TestWith([0555])]
    #[TestWith([0])]
    public function test_a_folder_of_another_user_is_named(int $mode): void
    {
        mkdir($this->folder);
        chmod($this->folder, $mode);
        array_map(class_exists(...), [StoreFolder::class, PartFile::class, FailedInstallation::class, FailedDownload::class]);
        $isRoot = posix_geteuid() === 0;

        if ($isRoot) {
            posix_seteuid(65_534);
        }

        try {
            $folder = new StoreFolder($this->folder);
            $folder->prepare(1);
            $folder->part();
            $this->fail('It was written all the same.');
        } catch (FailedInstallation $exception) {
            $user = (posix_getpwuid(posix_geteuid()) ?: ['name' => 'user '.posix_geteuid()])['name'];
            $owner = (posix_getpwuid((int) fileowner($this->folder)) ?: ['name' => ''])['name'];
            $this->assertSame("{$this->folder} cannot be written (Permission denied): it belongs to {$owner}, and this is {$user}", $exception->getMessage());
        } finally {
            if ($isRoot) {
                posix_seteuid(0);
            }
        }

        $this->assertSame([], $this->files());
    }

    private function mount(string $options): void
    {
        mkdir($this->folder);
        $process = new Process(['mount', '-t', 'tmpfs', '-o', $options, 'tmpfs', $this->folder]);

        if ($process->run() !== 0) {
            $this->markTestSkipped('Mounting a file system needs root on Linux: '.trim($process->getErrorOutput()));
        }

        $this->mounted = $this->folder;
    }
}
