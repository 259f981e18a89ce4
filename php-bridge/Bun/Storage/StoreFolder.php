<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use Revurb\System\Warnings;

/**
 * The folder of a BunStore, prepared to be written: storage/revurb, which git ignores.
 */
final readonly class StoreFolder
{
    /** Others may search it: the server may run as another user than the one who deploys. */
    private const MODE = 0755;

    /** Free space that stays, so that the application can still write its log. */
    private const RESERVE_BYTES = 16 * 1024 * 1024;

    /** Temporary files of installations that were killed; one that is younger may be another installation's. */
    private const STALE_SECONDS = 3600;

    /** Of temporary files, which no search for Bun finds. */
    private const PREFIX = '.bun-';

    public function __construct(private string $path) {}

    /**
     * @param  int  $bytes  that are to be written
     *
     * @throws FailedInstallation
     */
    public function prepare(int $bytes): void
    {
        $this->create();
        $this->removeStale(time() - self::STALE_SECONDS);

        if (! is_file("{$this->path}/.gitignore")) {
            @file_put_contents("{$this->path}/.gitignore", "*\n");
        }

        $free = function_exists('disk_free_space') ? @disk_free_space($this->path) : false;

        if ($free !== false && $free < $bytes + self::RESERVE_BYTES) {
            throw FailedInstallation::noSpace($this->path, $bytes + self::RESERVE_BYTES, (int) $free);
        }
    }

    /**
     * A new temporary file in the folder, so that it can be renamed to its place.
     *
     * @throws FailedInstallation
     */
    public function part(): PartFile
    {
        $file = "{$this->path}/".self::PREFIX.bin2hex(random_bytes(8)).PartFile::SUFFIX;
        [$stream, $warnings] = Warnings::during(static fn () => fopen($file, 'xb'));

        return $stream === false ? throw $this->unwritable($this->path, $warnings) : new PartFile($file, $stream);
    }

    private function create(): void
    {
        for ($existing = $this->path; ! file_exists($existing) && ! is_link($existing) && dirname($existing) !== $existing; $existing = dirname($existing)) {
        }

        if (! is_dir($existing)) {
            throw FailedInstallation::obstructed($existing);
        }

        if ($existing === $this->path) {
            return;
        }

        [$isCreated, $warnings] = Warnings::during(fn (): bool => mkdir($this->path, self::MODE, recursive: true));

        // Another installation may create it at the same moment.
        if (! $isCreated && ! is_dir($this->path)) {
            throw $this->unwritable($existing, $warnings);
        }

        @chmod($this->path, self::MODE);
    }

    private function removeStale(int $before): void
    {
        foreach (@scandir($this->path) ?: [] as $name) {
            if (! str_starts_with($name, self::PREFIX) || ! str_ends_with($name, PartFile::SUFFIX)) {
                continue;
            }

            $file = "{$this->path}/{$name}";
            $time = @filemtime($file);

            if ($time !== false && $time < $before) {
                @unlink($file);
            }
        }
    }

    /** @param  list<string>  $warnings */
    private function unwritable(string $folder, array $warnings): FailedInstallation
    {
        return FailedInstallation::unwritable($folder, PartFile::reason($warnings), self::user(fileowner($folder)), self::user(function_exists('posix_geteuid') ? posix_geteuid() : getmyuid()));
    }

    private static function user(int|false $id): string
    {
        $user = $id !== false && function_exists('posix_getpwuid') ? posix_getpwuid($id) : false;

        return $user === false ? "user {$id}" : $user['name'];
    }
}
