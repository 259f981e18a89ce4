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
    private const READ_BYTES = 65_536;

    /** Seconds between two checks of a child that has closed its output and not exited yet; it usually exits within a millisecond. */
    private const END_INTERVAL = 0.002;

    private bool $isHandedOver = false;

    private ?int $exitCode = null;

    private readonly Stdin $stdin;

    private readonly LineBuffer $lines;

    /**
     * @param  resource  $process
     * @param  resource|null  $stdin
     * @param  resource|null  $stdout
     * @param  resource|null  $stderr
     */
    public function __construct(
        private $process,
        $stdin,
        private $stdout,
        private $stderr,
    ) {
        $this->stdin = new Stdin($stdin);
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

        $write = $this->stdin->waiting();
        $except = null;

        // A signal ends the wait early with a warning, which is intended.
        $count = @stream_select($read, $write, $except, (int) $seconds, (int) (1e6 * fmod($seconds, 1)));

        if ($count === false) {
            return [];
        }

        if ($write !== []) {
            $this->stdin->flush();
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
        return $this->stdin->write($line);
    }

    public function drain(): void
    {
        if ($this->isHandedOver) {
            $this->signal(Signals::USR2);
        } elseif ($this->stdin->waiting() === []) {
            $this->stdin->close();
        } else {
            // The child has not read its whole document, and closing now would cut it off.
            $this->stdin->closeWhenWritten();
            $this->signal(Signals::TERM);
        }
    }

    public function handOver(string $socket): ?int
    {
        $line = (string) json_encode(['command' => 'hand-over', 'peer' => $socket]);
        // Behind unread lines the command would arrive late or never.
        $this->isHandedOver = $this->isHandedOver || ($this->stdin->isRead() && $this->write($line) && $this->stdin->isRead());

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
            $this->stdin->close();
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
