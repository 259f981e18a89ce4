<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use HashContext;

/**
 * An executable that is being written, under a temporary name beside its place.
 */
final class PartFile
{
    public const SUFFIX = '.part';

    /** Whatever the umask is: the server may run as another user than the one who deploys, and there is no secret in it. */
    private const MODE = 0755;

    private readonly HashContext $hash;

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
        error_clear_last();

        for ($rest = $bytes; $rest !== ''; $rest = substr($rest, $written)) {
            $written = (int) @fwrite($this->stream, $rest);

            if ($written === 0) {
                throw FailedInstallation::notWritten(dirname($this->path), self::lastReason());
            }
        }

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
        error_clear_last();
        // Some file systems report only here that they are full. Where PHP has no fsync, a crash of the machine may leave a damaged file.
        $isWritten = @fflush($this->stream) && (! function_exists('fsync') || @fsync($this->stream));

        if (! @fclose($this->stream) || ! $isWritten || ! @chmod($this->path, self::MODE)) {
            throw FailedInstallation::notWritten(dirname($this->path), self::lastReason());
        }

        return hash_final($this->hash);
    }

    /**
     * Gives it its name, in place of a file that has it.
     *
     * @throws FailedInstallation
     */
    public function moveTo(string $file): void
    {
        error_clear_last();

        if (! @rename($this->path, $file)) {
            throw FailedInstallation::notWritten($file, self::lastReason());
        }
    }

    /** Removes it, if it has not been moved. */
    public function discard(): void
    {
        if (is_resource($this->stream)) {
            fclose($this->stream);
        }

        @unlink($this->path);
    }

    /** What the operating system has said, such as "No space left on device". */
    public static function lastReason(): string
    {
        $message = error_get_last()['message'] ?? '';

        return match (true) {
            preg_match('/errno=\d+ (.+)$/', $message, $reason) === 1, preg_match('/: (?:[Ff]ailed to open stream: )?([^:]+)$/', $message, $reason) === 1 => $reason[1],
            default => $message === '' ? 'for a reason that PHP does not tell' : $message,
        };
    }
}
