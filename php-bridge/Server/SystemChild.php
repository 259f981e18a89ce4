<?php

declare(strict_types=1);

namespace Revurb\Server;

use Revurb\System\Signals;

/**
 * A server process over proc_open. All waiting is in one select on its pipes, so that an idle parent uses no CPU.
 *
 * To drain, it closes the child's stdin instead of sending a signal: a terminal and systemd signal every process of the group, so a
 * forwarded signal would be the child's second one, which ends it at once.
 */
final class SystemChild implements PipedChild
{
    /** Bytes of commands that may wait for a child that does not read. The document comes first and is never dropped. */
    private const MAX_QUEUED_BYTES = 4_194_304;

    private const READ_BYTES = 65_536;

    /** Seconds between two checks of a child that has closed its output and not exited yet; it usually exits within a millisecond. */
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
            $this->pollExit();

            if ($this->exitCode === null) {
                usleep((int) (1e6 * min($seconds, self::END_INTERVAL)));
            }

            return [];
        }

        $write = $this->stdin !== null && $this->queue !== '' ? [$this->stdin] : [];
        $except = null;

        // A signal ends the wait early with a warning, which is intended.
        $count = @stream_select($read, $write, $except, (int) $seconds, (int) (1e6 * fmod($seconds, 1)));

        if ($count === false) {
            return [];
        }

        if ($write !== []) {
            $this->flush();
        }

        if ($count === 0) {
            $this->closeOrphanedPipes();
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
            // The child has not read its whole document, and closing now would cut it off.
            $this->closeWhenWritten = true;
            $this->signal(Signals::TERM);
        }
    }

    public function handOver(string $socket): ?int
    {
        $line = (string) json_encode(['command' => 'hand-over', 'peer' => $socket]);
        // Behind unread lines the command would arrive late or never.
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
     * Whether the child has read everything, as far as the pipe shows it.
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
        // A signal handler may call this at any moment, so the property is cleared before the pipe is closed.
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

    private function pollExit(): void
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

    /** The child may have exited and left its pipes open to a process of its own, which this process must not wait for. */
    private function closeOrphanedPipes(): void
    {
        $this->pollExit();

        if ($this->exitCode !== null) {
            foreach (array_filter([$this->stdout, $this->stderr]) as $pipe) {
                fclose($pipe);
            }

            $this->stdout = $this->stderr = null;
        }
    }
}
