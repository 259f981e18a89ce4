<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use Closure;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;

final class BunStoreTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->folder);
    }

    private function store(string $machine = 'x86_64'): BunStore
    {
        return new BunStore($this->folder, new BunRelease('1.4.5'), new BunTarget('Darwin', $machine));
    }

    public function test_the_pinned_version_comes_first_and_then_the_newest(): void
    {
        mkdir($this->folder);

        foreach (['.gitignore', 'bun-1.4.10-darwin-x64', 'bun-1.4.5-darwin-x64', 'bun-1.4.9-darwin-x64', 'bun-2.0.0-darwin-aarch64', 'bun-1.4.5-darwin-x64.part', 'other'] as $name) {
            touch("{$this->folder}/{$name}");
        }

        $names = ['bun-1.4.5-darwin-x64', 'bun-1.4.10-darwin-x64', 'bun-1.4.9-darwin-x64'];
        $this->assertSame(array_map(fn (string $name): string => "{$this->folder}/{$name}", $names), $this->store()->files());
        $this->assertSame(["{$this->folder}/bun-2.0.0-darwin-aarch64"], $this->store('arm64')->files());
    }

    public function test_a_folder_that_is_not_there_has_no_files(): void
    {
        $this->assertSame([], $this->store()->files());
        $this->assertSame("{$this->folder}/bun-1.4.5-darwin-x64", $this->store()->pinned());
    }

    /** Another Bun can be used then. */
    public function test_a_folder_that_this_user_may_not_read_has_no_files(): void
    {
        mkdir($this->folder);
        touch("{$this->folder}/bun-1.4.5-darwin-x64");
        chmod($this->folder, 0);
        $store = $this->store();
        $this->assertNotNull($store->pinned(), 'All classes are loaded, which the other user may not read.');

        $this->assertSame([], $this->asNobody($store->files(...)));
    }

    public function test_a_file_that_this_user_may_not_read_is_not_called_damaged(): void
    {
        mkdir($this->folder);
        touch($file = "{$this->folder}/bun-1.4.5-darwin-x64");
        $store = $this->store();
        $this->assertSame('is damaged: its SHA-512 is not the expected one', $store->fault());
        chmod($file, 0);

        $this->assertSame('cannot be read by this user', $this->asNobody($store->fault(...)));
    }

    /**
     * Runs something as another user than root, who may read every file.
     *
     * @template T
     *
     * @param  Closure(): T  $do
     * @return T
     */
    private function asNobody(Closure $do): mixed
    {
        $isRoot = posix_geteuid() === 0;

        if ($isRoot) {
            posix_seteuid(65_534);
        }

        try {
            return $do();
        } finally {
            if ($isRoot) {
                posix_seteuid(0);
            }

            chmod($this->folder, 0755);
        }
    }

    public function test_a_machine_without_a_bun_has_neither(): void
    {
        mkdir($this->folder);
        touch("{$this->folder}/bun-1.4.5-darwin-x64");

        $this->assertSame([], $this->store('riscv64')->files());
        $this->assertNull($this->store('riscv64')->pinned());
    }
}
