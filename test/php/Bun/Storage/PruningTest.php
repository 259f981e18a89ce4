<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun\Storage;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\Storage\Pruning;
use Revurb\Bun\Storage\RunningExecutables;
use Symfony\Component\Process\Process;

final class PruningTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir("{$this->folder}/proc", recursive: true);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->folder);
    }

    /** @return list<string> names of the removed files */
    private function pruned(string ...$versions): array
    {
        foreach ($versions as $version) {
            touch("{$this->folder}/bun-{$version}-darwin-x64");
        }

        $store = new BunStore($this->folder, new BunRelease('1.4.5'), new BunTarget('Darwin', 'x86_64'));
        $removed = (new Pruning($store, new RunningExecutables("{$this->folder}/proc")))->run();

        foreach ($removed as $file) {
            $this->assertFileDoesNotExist($file);
        }

        $this->assertCount(count($versions) - count($removed), $store->files());

        return array_map(basename(...), $removed);
    }

    /** @return list<string> */
    private function names(string ...$versions): array
    {
        return array_values(array_map(static fn (string $version): string => "bun-{$version}-darwin-x64", $versions));
    }

    public function test_the_pinned_one_and_the_newest_of_the_others_stay(): void
    {
        $this->assertSame($this->names('1.4.4', '1.4.0'), $this->pruned('1.4.0', '1.4.4', '1.4.10', '1.4.5'));
        $this->assertSame([], $this->pruned('1.4.5', '1.4.10'));
    }

    public function test_the_newest_other_stays_after_a_roll_back_too(): void
    {
        $this->assertSame($this->names('1.3.0'), $this->pruned('1.4.5', '1.4.4', '1.3.0'));
    }

    public function test_nothing_else_in_the_folder_is_removed(): void
    {
        foreach ($others = ['bun-1.0.0-linux-x64', 'bun-1.0.0-darwin-aarch64', '.gitignore', 'notes.txt'] as $name) {
            touch("{$this->folder}/{$name}");
        }

        $this->pruned('1.4.5', '1.4.4', '1.4.3');

        foreach ($others as $name) {
            $this->assertFileExists("{$this->folder}/{$name}");
        }
    }

    public function test_a_file_that_a_process_executes_stays(): void
    {
        foreach (['101' => '1.4.3', '102' => '1.4.4'] as $process => $version) {
            mkdir("{$this->folder}/proc/{$process}");
            symlink("{$this->folder}/bun-{$version}-darwin-x64", "{$this->folder}/proc/{$process}/exe");
        }

        $this->assertSame($this->names('1.4.2'), $this->pruned('1.4.5', '1.4.4', '1.4.3', '1.4.2'));
    }

    public function test_the_executables_of_real_processes_are_seen(): void
    {
        if (! is_dir('/proc/self')) {
            $this->markTestSkipped('This system has no /proc.');
        }

        copy((string) realpath('/bin/sleep'), $file = "{$this->folder}/executable");
        chmod($file, 0755);
        $process = new Process([$file, '60']);
        $process->start();

        try {
            // It executes PHP, or a shell, until it has become the other program.
            for ($until = hrtime(true) + 10e9; ! in_array($file, (new RunningExecutables)->files(), true) && hrtime(true) < $until;) {
                usleep(10_000);
            }

            $this->assertContains($file, (new RunningExecutables)->files());
        } finally {
            $process->stop(0);
        }

        $this->assertNotContains($file, (new RunningExecutables)->files());
    }
}
