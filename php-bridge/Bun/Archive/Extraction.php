<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;

/**
 * Takes the executable out of the entries of an archive: the first file with the name `bun`, in whatever folder. No byte more than it may
 * have is written.
 */
final class Extraction
{
    private const NAME = 'bun';

    private bool $isFound = false;

    private bool $isCurrent = false;

    private int $written = 0;

    private int $skipped = 0;

    /**
     * @param  list<int>  $sizes  bytes that the executable may have
     * @param  string  $wanted  what it is, for errors
     * @param  Closure(string): void  $write
     * @param  int  $limit  bytes of all other entries
     */
    public function __construct(
        private readonly array $sizes,
        private readonly string $wanted,
        private readonly Closure $write,
        private readonly int $limit,
    ) {}

    /**
     * Begins an entry, whose bytes go to `write`.
     *
     * @param  int|null  $bytes  its size, where the archive states it before the content
     */
    public function begin(string $name, bool $isFile, ?int $bytes): void
    {
        $this->isCurrent = ! $this->isFound && $isFile && basename($name) === self::NAME;

        if ($this->isCurrent && $bytes !== null && ! in_array($bytes, $this->sizes, true)) {
            throw UnusableArchive::anotherBun($bytes, $this->wanted);
        }
    }

    public function write(string $bytes): void
    {
        if (! $this->isCurrent) {
            $this->skipped += strlen($bytes);

            if ($this->skipped > $this->limit) {
                throw UnusableArchive::tooLarge($this->limit);
            }

            return;
        }

        $this->written += strlen($bytes);

        if ($this->written > max([0, ...$this->sizes])) {
            throw UnusableArchive::anotherBun($this->written, $this->wanted);
        }

        ($this->write)($bytes);
    }

    public function end(): void
    {
        if ($this->isCurrent && ! in_array($this->written, $this->sizes, true)) {
            throw UnusableArchive::anotherBun($this->written, $this->wanted);
        }

        $this->isFound = $this->isFound || $this->isCurrent;
        $this->isCurrent = false;
    }

    /** Called at the end of the archive. */
    public function finish(): void
    {
        if (! $this->isFound) {
            throw UnusableArchive::withoutBun();
        }
    }
}
