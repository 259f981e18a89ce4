<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Server\Child;
use Revurb\Server\ExitCode;
use Revurb\System\Signals;

/**
 * The server of the previous run of this process. It is still a child of this process, but only its process id is left: it has no pipes to
 * this process and receives only signals.
 */
final class AdoptedProcess implements Child
{
    /** Seconds between two checks whether the server has exited. */
    private const POLL_INTERVAL = 0.5;

    private ?int $exitCode = null;

    private function __construct(private readonly int $pid) {}

    /** Null if that is no child of this process. */
    public static function of(int $pid): ?self
    {
        return $pid > 1 && pcntl_waitpid($pid, $status, WNOHANG) === 0 ? new self($pid) : null;
    }

    public function wait(float $seconds): array
    {
        $this->poll();

        if ($this->exitCode === null && $seconds > 0) {
            usleep((int) (1e6 * min($seconds, self::POLL_INTERVAL)));
            $this->poll();
        }

        return [];
    }

    public function exitCode(): ?int
    {
        return $this->exitCode;
    }

    /**
     * SIGUSR2, which the server does not count as a stop signal: a terminal may have sent one already, and the second stop signal ends the
     * server at once.
     */
    public function drain(): void
    {
        $this->signal(Signals::USR2);
    }

    public function kill(): void
    {
        $this->signal(Signals::KILL);
    }

    private function signal(int $signal): void
    {
        if ($this->exitCode === null) {
            posix_kill($this->pid, $signal);
        }
    }

    private function poll(): void
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
