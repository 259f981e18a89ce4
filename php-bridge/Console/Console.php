<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Symfony\Component\Console\Output\OutputInterface;
use Symfony\Component\Console\Output\StreamOutput;

/**
 * stdout or stderr of `reverb:start`, which never blocks on its reader. A terminal in which Ctrl+S was pressed, or a pipe whose reader has
 * stopped reading, would block the write of a log line, and with it every signal and restart. Unread text is queued here up to a bound in
 * bytes; further lines are dropped and counted.
 */
final class Console
{
    /** Bytes of the queue. */
    private const MAX_BYTES = 1_048_576;

    /** Bytes of one write. If select reports room in a pipe, this many bytes fit (PIPE_BUF on Linux). */
    private const CHUNK_BYTES = 4096;

    /** The bits of a file's mode that have its type, and the type of a pipe. */
    private const TYPE = 0170000;

    private const PIPE = 0010000;

    /** A signal also makes a write fail; after more failures in a row the reader has closed its end, and the queue is discarded. */
    private const MAX_FAILURES = 2;

    /** @var resource|null null if select does not support it, as in tests */
    private $stream;

    private string $queue = '';

    private int $dropped = 0;

    private int $failures = 0;

    /**
     * @param  Closure(int): string  $droppedLine  the line that reports how many were dropped, as this console shows it
     * @param  string|null  $device  the same terminal or pipe by its name in /proc, where the system has that
     */
    public function __construct(
        private readonly OutputInterface $output,
        private readonly Closure $droppedLine,
        ?string $device = null,
    ) {
        $stream = $output instanceof StreamOutput ? $output->getStream() : null;
        $this->stream = is_resource($stream) && stream_get_meta_data($stream)['stream_type'] === 'STDIO' ? self::withoutBlocking($stream, $device) ?? $stream : null;
    }

    /**
     * Opens the device a second time, so that other processes that share the stream, such as the shell, do not get errors for writes that
     * would block. Otherwise select has to prevent blocking, which is correct for pipes and sockets, but select reports room in a terminal
     * that has none.
     *
     * @param  resource  $stream
     * @return resource|null null for files, where no write blocks and each opening has a position of its own, and for sockets
     */
    private static function withoutBlocking($stream, ?string $device)
    {
        $isPipe = ((fstat($stream)['mode'] ?? 0) & self::TYPE) === self::PIPE;
        $opened = $device !== null && ($isPipe || stream_isatty($stream)) ? @fopen($device, 'wne') : false;

        return $opened === false ? null : $opened;
    }

    /** @param  bool  $isRaw  the text is no markup */
    public function write(string $text, bool $isRaw = false): void
    {
        if ($this->stream === null) {
            $this->output->write($text, false, $isRaw ? OutputInterface::OUTPUT_RAW : OutputInterface::OUTPUT_NORMAL);
        } elseif ($this->output->getVerbosity() > OutputInterface::VERBOSITY_QUIET) {
            $this->add($isRaw ? $text : (string) $this->output->getFormatter()->format($text));
        }
    }

    /**
     * Writes as much as fits, and waits for room no longer than that many seconds.
     *
     * @return bool whether the queue is empty
     */
    public function flush(float $seconds = 0.0): bool
    {
        $until = microtime(true) + $seconds;

        $written = null;

        while ($this->stream !== null && $this->queue !== '' && $written !== 0 && $this->hasRoom($this->stream, max(0.0, $until - microtime(true)))) {
            $this->dequeue($written = @fwrite($this->stream, substr($this->queue, 0, self::CHUNK_BYTES)));
        }

        return $this->queue === '';
    }

    private function add(string $text): void
    {
        if ($this->dropped > 0 || strlen($this->queue) + strlen($text) > self::MAX_BYTES) {
            $this->dropped++;
        } else {
            $this->queue .= $text;
        }

        $this->flush();
    }

    private function dequeue(int|false $written): void
    {
        $this->failures = $written === false ? $this->failures + 1 : 0;

        if ($written !== false) {
            $this->queue = substr($this->queue, $written);
        } elseif ($this->failures > self::MAX_FAILURES) {
            $this->queue = '';
            $this->dropped = 0;
        }

        if ($this->queue === '' && $this->dropped > 0) {
            $this->queue = ($this->droppedLine)($this->dropped);
            $this->dropped = 0;
        }
    }

    /** @param  resource  $stream */
    private function hasRoom($stream, float $seconds): bool
    {
        $read = [];
        $write = [$stream];
        $except = null;

        return @stream_select($read, $write, $except, (int) $seconds, (int) (1e6 * fmod($seconds, 1))) === 1;
    }
}
