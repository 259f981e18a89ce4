<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * The stdin of a server, to which lines are written without blocking: what the pipe does not accept waits in a bounded queue.
 */
final class Stdin
{
    /** Bytes of commands that may wait for a child that does not read. The document comes first and is never dropped. */
    private const MAX_QUEUED_BYTES = 4_194_304;

    private string $queue = '';

    private bool $closesWhenWritten = false;

    /** @param  resource|null  $pipe */
    public function __construct(private $pipe) {}

    /** False: the line was dropped, because the process does not read. */
    public function write(string $line): bool
    {
        if ($this->pipe === null || $this->closesWhenWritten || strlen($this->queue) > self::MAX_QUEUED_BYTES) {
            return false;
        }

        $this->queue .= $line."\n";
        $this->flush();

        return true;
    }

    /** @return list<resource> the pipe if lines wait for it, for a select */
    public function waiting(): array
    {
        return $this->pipe !== null && $this->queue !== '' ? [$this->pipe] : [];
    }

    /**
     * Whether the process has read everything, as far as the pipe shows it.
     *
     * @phpstan-impure
     */
    public function isRead(): bool
    {
        $this->flush();

        return $this->queue === '';
    }

    public function flush(): void
    {
        if ($this->pipe === null || $this->queue === '') {
            return;
        }

        $written = @fwrite($this->pipe, $this->queue);

        if ($written === false) {
            $this->close();

            return;
        }

        $this->queue = substr($this->queue, $written);

        if ($this->queue === '' && $this->closesWhenWritten) {
            $this->close();
        }
    }

    public function closeWhenWritten(): void
    {
        $this->closesWhenWritten = true;
    }

    public function close(): void
    {
        if ($this->pipe !== null) {
            fclose($this->pipe);
        }

        $this->pipe = null;
        $this->queue = '';
    }
}
