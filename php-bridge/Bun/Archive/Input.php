<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;

/**
 * Reads exact numbers of bytes, and no more than a limit altogether.
 */
final class Input
{
    /** Bytes that are read at once where many are. */
    private const PIECE_BYTES = 65_536;

    private string $buffer = '';

    private int $read = 0;

    /** @param  int  $limit  in bytes */
    public function __construct(private readonly Bytes $bytes, private readonly int $limit) {}

    /** At most that many bytes, and at least one; empty at the end. */
    public function some(int $max): string
    {
        if ($this->buffer === '') {
            return $this->next($max);
        }

        $piece = substr($this->buffer, 0, $max);
        $this->buffer = substr($this->buffer, strlen($piece));

        return $piece;
    }

    /** @throws UnusableArchive if there are fewer */
    public function exactly(int $count): string
    {
        $bytes = $this->peek($count);
        $this->buffer = substr($this->buffer, strlen($bytes));

        return strlen($bytes) === $count ? $bytes : throw UnusableArchive::cut();
    }

    /** The next bytes, which stay there; fewer if the end comes first. */
    public function peek(int $count): string
    {
        while (strlen($this->buffer) < $count && ($more = $this->next($count - strlen($this->buffer))) !== '') {
            $this->buffer .= $more;
        }

        return substr($this->buffer, 0, $count);
    }

    /** Puts bytes back that were read too far. */
    public function giveBack(string $bytes): void
    {
        $this->buffer = $bytes.$this->buffer;
    }

    /**
     * @param  Closure(string): void  $to
     *
     * @throws UnusableArchive if there are fewer
     */
    public function copy(int $count, Closure $to): void
    {
        while ($count > 0) {
            $piece = $this->some(min($count, self::PIECE_BYTES));

            if ($piece === '') {
                throw UnusableArchive::cut();
            }

            $count -= strlen($piece);
            $to($piece);
        }
    }

    public function skip(int $count): void
    {
        $this->copy($count, static function (string $bytes): void {});
    }

    public function drain(): void
    {
        while ($this->some(self::PIECE_BYTES) !== '') {
        }
    }

    private function next(int $max): string
    {
        $bytes = $this->bytes->read($max);
        $this->read += strlen($bytes);

        return $this->read <= $this->limit ? $bytes : throw UnusableArchive::tooLarge($this->limit);
    }
}
