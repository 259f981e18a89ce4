<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;
use Fiber;

/**
 * Unpacks the executable from an archive that arrives in pieces, and keeps none of them. The archive is read in a fiber, which waits where
 * it has read all that has arrived, so that the formats can be written as if they read a file.
 */
final class Unpacking implements Bytes
{
    private string $arrived = '';

    private bool $hasEnded = false;

    /** @var Fiber<mixed, mixed, mixed, mixed> */
    private readonly Fiber $reader;

    /** @param  Closure(string): void  $write  gets the bytes of the executable */
    public function __construct(Archive $archive, Closure $write)
    {
        $this->reader = new Fiber(fn () => $archive->extract($this, $write));
    }

    /** @throws UnusableArchive */
    public function push(string $bytes): void
    {
        $this->arrived .= $bytes;
        $this->continue();
    }

    /**
     * Says that no more bytes follow. After it the executable is complete.
     *
     * @throws UnusableArchive
     */
    public function end(): void
    {
        $this->hasEnded = true;
        $this->continue();
    }

    public function read(int $max): string
    {
        while ($this->arrived === '' && ! $this->hasEnded) {
            Fiber::suspend();
        }

        $bytes = substr($this->arrived, 0, $max);
        $this->arrived = substr($this->arrived, strlen($bytes));

        return $bytes;
    }

    private function continue(): void
    {
        match (true) {
            ! $this->reader->isStarted() => $this->reader->start(),
            $this->reader->isSuspended() => $this->reader->resume(),
            default => null,
        };
    }
}
