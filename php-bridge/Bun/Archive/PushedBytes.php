<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Fiber;

/**
 * Bytes that arrive in pieces, as those of a download. Their reader runs in a fiber, which waits where it has read all that has arrived, so
 * that it can be written as one that reads a file.
 */
final class PushedBytes implements Bytes
{
    private string $arrived = '';

    private bool $hasEnded = false;

    /** @param  Fiber<mixed, mixed, mixed, mixed>  $reader  which reads this object */
    public function push(string $bytes, Fiber $reader): void
    {
        $this->arrived .= $bytes;
        self::continue($reader);
    }

    /** @param  Fiber<mixed, mixed, mixed, mixed>  $reader */
    public function end(Fiber $reader): void
    {
        $this->hasEnded = true;
        self::continue($reader);
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

    /** @param  Fiber<mixed, mixed, mixed, mixed>  $reader */
    private static function continue(Fiber $reader): void
    {
        match (true) {
            ! $reader->isStarted() => $reader->start(),
            $reader->isSuspended() => $reader->resume(),
            default => null,
        };
    }
}
