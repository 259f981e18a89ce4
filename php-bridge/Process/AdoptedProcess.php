<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * A server that an earlier run of this process has started: still its child, but nothing else is left of it than its
 * process id. It says nothing, and hears nothing but signals.
 */
final class AdoptedProcess implements Child
{
    /** Seconds between two looks at whether it has ended. */
    private const LOOK_INTERVAL = 0.5;

    private ?int $exitCode = null;

    private function __construct(private readonly int $pid) {}

    /** Null where that is no child of this process. */
    public static function of(int $pid): ?self
    {
        return $pid > 1 && pcntl_waitpid($pid, $status, WNOHANG) === 0 ? new self($pid) : null;
    }

    public function wait(float $seconds): array
    {
        $this->look();

        if ($this->exitCode === null && $seconds > 0) {
            usleep((int) (1e6 * min($seconds, self::LOOK_INTERVAL)));
            $this->look();
        }

        return [];
    }

    public function exitCode(): ?int
    {
        return $this->exitCode;
    }

    public function write(string $line): bool
    {
        return false;
    }

    /** A signal that the server does not count: a terminal may have sent it another one already. */
    public function drain(): void
    {
        $this->signal(Signals::USR2);
    }

    public function kill(): void
    {
        $this->signal(Signals::KILL);
    }

    /** It has let go of this process's pipes long ago, and cannot be told another socket. */
    public function handOver(string $socket): int
    {
        return $this->pid;
    }

    private function signal(int $signal): void
    {
        if ($this->exitCode === null) {
            posix_kill($this->pid, $signal);
        }
    }

    private function look(): void
    {
        if ($this->exitCode !== null || pcntl_waitpid($this->pid, $status, WNOHANG) === 0) {
            return;
        }

        $this->exitCode = match (true) {
            pcntl_wifexited($status) => (int) pcntl_wexitstatus($status),
            pcntl_wifsignaled($status) => ExitCode::SIGNAL_BASE + (int) pcntl_wtermsig($status),
            default => ExitCode::OK,
        };
    }
}
