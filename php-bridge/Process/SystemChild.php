<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * A child process over proc_open. All waiting is in one select on its pipes, so that an idle parent costs nothing.
 *
 * Asked to drain, it closes the child's stdin instead of sending a signal: a terminal and systemd signal every process of
 * the group, and a forwarded signal would be the child's second, which ends it at once.
 */
final class SystemChild implements Child
{
    /** Bytes of commands that may wait for a child that does not read. The document comes first and is never given up. */
    private const MAX_QUEUED_BYTES = 4_194_304;

    private const READ_BYTES = 65_536;

    /** Seconds between two looks at a child that has closed its output and not ended yet: usually it ends within a millisecond. */
    private const END_INTERVAL = 0.002;

    private string $queue = '';

    private bool $closeWhenWritten = false;

    private bool $isHandedOver = false;

    private ?int $exitCode = null;

    private readonly LineBuffer $lines;

    /**
     * @param  resource  $process
     * @param  resource|null  $stdin
     * @param  resource|null  $stdout
     * @param  resource|null  $stderr
     */
    public function __construct(
        private $process,
        private $stdin,
        private $stdout,
        private $stderr,
    ) {
        $this->lines = new LineBuffer;

        foreach ([$stdin, $stdout, $stderr] as $pipe) {
            if ($pipe !== null) {
                stream_set_blocking($pipe, false);
            }
        }
    }

    public function wait(float $seconds): array
    {
        $read = array_filter(['out' => $this->stdout, 'err' => $this->stderr]);

        if ($read === []) {
            $this->lookAtEnd();

            if ($this->exitCode === null) {
                usleep((int) (1e6 * min($seconds, self::END_INTERVAL)));
            }

            return [];
        }

        $write = $this->stdin !== null && $this->queue !== '' ? [$this->stdin] : [];
        $except = null;

        // A signal cuts the wait short with a warning, and that is wanted.
        $count = @stream_select($read, $write, $except, (int) $seconds, (int) (1e6 * fmod($seconds, 1)));

        if ($count === false) {
            return [];
        }

        if ($write !== []) {
            $this->flush();
        }

        if ($count === 0) {
            $this->lookForOrphanedPipes();
        }

        return [...isset($read['out']) ? $this->readLines() : [], ...isset($read['err']) ? $this->readErrors() : []];
    }

    public function exitCode(): ?int
    {
        return $this->stdout === null && $this->stderr === null ? $this->exitCode : null;
    }

    public function write(string $line): bool
    {
        if ($this->stdin === null || $this->closeWhenWritten || strlen($this->queue) > self::MAX_QUEUED_BYTES) {
            return false;
        }

        $this->queue .= $line."\n";
        $this->flush();

        return true;
    }

    public function drain(): void
    {
        if ($this->isHandedOver) {
            $this->signal(Signals::USR2);
        } elseif ($this->queue === '') {
            $this->closeStdin();
        } else {
            // It is not reading: closing now would hand it half a document.
            $this->closeWhenWritten = true;
            $this->signal(Signals::TERM);
        }
    }

    public function handOver(string $socket): ?int
    {
        $line = (string) json_encode(['command' => 'hand-over', 'peer' => $socket]);
        // Behind what it has not read yet the line would come at some time, or never.
        $this->isHandedOver = $this->isHandedOver || ($this->hasReadAll() && $this->write($line) && $this->hasReadAll());

        return $this->isHandedOver ? proc_get_status($this->process)['pid'] : null;
    }

    public function kill(): void
    {
        $this->signal(Signals::KILL);
    }

    private function signal(int $signal): void
    {
        if ($this->exitCode === null) {
            @proc_terminate($this->process, $signal);
        }
    }

    /**
     * As far as the pipe can tell.
     *
     * @phpstan-impure
     */
    private function hasReadAll(): bool
    {
        $this->flush();

        return $this->queue === '';
    }

    private function flush(): void
    {
        if ($this->stdin === null || $this->queue === '') {
            return;
        }

        $written = @fwrite($this->stdin, $this->queue);

        if ($written === false) {
            $this->closeStdin();

            return;
        }

        $this->queue = substr($this->queue, $written);

        if ($this->queue === '' && $this->closeWhenWritten) {
            $this->closeStdin();
        }
    }

    private function closeStdin(): void
    {
        // A signal may come at any moment of this and ask for the same.
        [$stdin, $this->stdin, $this->queue] = [$this->stdin, null, ''];

        if ($stdin !== null) {
            fclose($stdin);
        }
    }

    /** @return list<Line> */
    private function readLines(): array
    {
        if ($this->stdout === null) {
            return [];
        }

        $piece = @fread($this->stdout, self::READ_BYTES);
        $lines = $piece === false ? [] : $this->lines->add($piece);

        if ($piece === false || feof($this->stdout)) {
            fclose($this->stdout);
            $this->stdout = null;
            $lines = [...$lines, ...$this->lines->finish()];
        }

        return array_map(static fn (?string $line): Line => new Line($line ?? '', isTooLong: $line === null), $lines);
    }

    /** @return list<Line> */
    private function readErrors(): array
    {
        if ($this->stderr === null) {
            return [];
        }

        $piece = @fread($this->stderr, self::READ_BYTES);

        if ($piece === false || feof($this->stderr)) {
            fclose($this->stderr);
            $this->stderr = null;
        }

        return $piece === false || $piece === '' ? [] : [new Line($piece, isError: true)];
    }

    private function lookAtEnd(): void
    {
        if ($this->exitCode !== null) {
            return;
        }

        $status = proc_get_status($this->process);

        if (! $status['running']) {
            $this->exitCode = $status['signaled'] ? ExitCode::SIGNAL_BASE + $status['termsig'] : $status['exitcode'];
            $this->closeStdin();
        }
    }

    /** The child may have ended and left its pipes to a process of its own, which must not keep us waiting. */
    private function lookForOrphanedPipes(): void
    {
        $this->lookAtEnd();

        if ($this->exitCode !== null) {
            foreach (array_filter([$this->stdout, $this->stderr]) as $pipe) {
                fclose($pipe);
            }

            $this->stdout = $this->stderr = null;
        }
    }
}
