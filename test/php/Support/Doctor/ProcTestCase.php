<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Illuminate\Filesystem\Filesystem;

/**
 * A folder that looks like /proc.
 */
abstract class ProcTestCase extends DoctorTestCase
{
    protected string $proc;

    protected function setUp(): void
    {
        $this->proc = sys_get_temp_dir().'/revurb-proc-'.bin2hex(random_bytes(6));
        mkdir($this->proc);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->proc);
    }

    protected function write(string $file, string $text): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname("{$this->proc}/{$file}"));
        file_put_contents("{$this->proc}/{$file}", $text);
    }

    protected function limits(string $soft): string
    {
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
            ."Max processes             4000                 4000                 processes \n"
            ."Max open files            {$soft}                 524288               files     \n";
    }

    /** A process that listens on 8080. */
    protected function listening(string $limits): void
    {
        $this->write('net/tcp', "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            ."   0: 0100007F:1F90 0100007F:CFFE 01 00000000:00000000 00:00000000 00000000     0        0 111 1\n"
            ."   1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n");
        $this->write('net/tcp6', "  sl  local_address\n"
            ."   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n");
        $this->write('40/comm', "nginx\n");
        $this->write('41/comm', "bun\n");
        $this->write('41/limits', $limits);
        mkdir("{$this->proc}/40/fd");
        mkdir("{$this->proc}/41/fd");
        symlink('socket:[111]', "{$this->proc}/40/fd/3");
        symlink('socket:[222]', "{$this->proc}/40/fd/4");
        symlink('/dev/null', "{$this->proc}/41/fd/0");
        symlink('socket:[333]', "{$this->proc}/41/fd/7");
    }
}
