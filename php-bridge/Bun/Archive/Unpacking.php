<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;
use Fiber;

/**
 * Unpacks the executable from an archive that arrives in pieces, and keeps none of them.
 */
final readonly class Unpacking
{
    private PushedBytes $bytes;

    /** @var Fiber<mixed, mixed, mixed, mixed> */
    private Fiber $reader;

    /** @param  Closure(string): void  $write  gets the bytes of the executable */
    public function __construct(Archive $archive, Closure $write)
    {
        $this->bytes = $bytes = new PushedBytes;
        $this->reader = new Fiber(static fn () => $archive->extract($bytes, $write));
    }

    /** @throws UnusableArchive */
    public function push(string $bytes): void
    {
        if ($bytes !== '') {
            $this->bytes->push($bytes, $this->reader);
        }
    }

    /**
     * Says that no more bytes follow. After it the executable is complete.
     *
     * @throws UnusableArchive
     */
    public function end(): void
    {
        $this->bytes->end($this->reader);
    }
}
