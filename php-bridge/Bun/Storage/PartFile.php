<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use Closure;
use HashContext;
use Revurb\System\Warnings;

/**
 * An executable that is being written, under a temporary name beside its place.
 */
final class PartFile
{
    public const SUFFIX = '.part';

    /** Whatever the umask is: the server may run as another user than the one who deploys, and there is no secret in it. */
    private const MODE = 0755;

    private readonly HashContext $hash;

    private int $written = 0;

    /** @param  resource  $stream */
    public function __construct(
        public readonly string $path,
        private $stream,
    ) {
        $this->hash = hash_init('sha512');
    }

    /** @throws FailedInstallation */
    public function write(string $bytes): void
    {
        for ($rest = $bytes; $rest !== ''; $rest = substr($rest, $written)) {
            $written = (int) $this->attempt(dirname($this->path), fn (): int|false => fwrite($this->stream, $rest));
        }

        $this->written += strlen($bytes);
        hash_update($this->hash, $bytes);
    }

    /**
     * Writes the file to the disk, and makes it executable.
     *
     * @return string its SHA-512
     *
     * @throws FailedInstallation
     */
    public function complete(): string
    {
        $folder = dirname($this->path);
        $this->attempt($folder, fn (): bool => fflush($this->stream));

        // Not every file system has it; without it, a crash of the machine at this moment may leave a damaged file.
        if (function_exists('fsync')) {
            Warnings::during(fn (): bool => fsync($this->stream));
        }

        // Some file systems notice only here that they are full.
        $this->attempt($folder, fn (): bool => fclose($this->stream) && filesize($this->path) === $this->written);
        $this->attempt($folder, fn (): bool => chmod($this->path, self::MODE));

        return hash_final($this->hash);
    }

    /**
     * Gives it its name, in place of a file that has it.
     *
     * @throws FailedInstallation
     */
    public function moveTo(string $file): void
    {
        $this->attempt($file, fn (): bool => rename($this->path, $file));
    }

    /** Removes it, if it has not been moved. */
    public function discard(): void
    {
        if (is_resource($this->stream)) {
            fclose($this->stream);
        }

        @unlink($this->path);
    }

    /**
     * What the operating system has said, such as "No space left on device".
     *
     * @param  list<string>  $warnings
     */
    public static function reason(array $warnings): string
    {
        $warning = $warnings[0] ?? '';

        return preg_match('/errno=\d+ (.+)$/', $warning, $reason) === 1 || preg_match('/: (?:[Ff]ailed to open stream: )?([^:]+)$/', $warning, $reason) === 1 ? $reason[1] : 'PHP tells no reason';
    }

    /**
     * @param  string  $file  to name if it fails
     * @param  Closure(): (int|bool)  $do
     *
     * @throws FailedInstallation
     */
    private function attempt(string $file, Closure $do): int|bool
    {
        [$result, $warnings] = Warnings::during($do);

        return in_array($result, [false, 0], true) ? throw FailedInstallation::notWritten($file, self::reason($warnings)) : $result;
    }
}
