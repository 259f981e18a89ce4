<?php

declare(strict_types=1);

namespace Revurb\Output;

use Closure;
use Revurb\Server\ExitCode;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\System\Clock;

/**
 * Publishes the state of the supervisor and its server in the cache: when something changes that an operator waits for, such as the number of
 * connections in the seconds after a restart, and otherwise every 15 seconds.
 */
final class StatePublisher
{
    /** Seconds for which the number of moved connections may arrive after the exit of the server that has moved them. */
    private const MOVED_SECONDS = 2.0;

    /** When the server of the previous run has exited; null if there was none, or its exit has been reported. */
    private ?float $oldServerExitedAt = null;

    private ?int $moved = null;

    private bool $isStarting = false;

    /** The first error that the server has logged before it listened. */
    private string $error = '';

    /**
     * @param  ServerRecord  $record  the initial record: after a hand-over, with the server that still runs
     * @param  RunningServer  $next  what is known of the next server before it starts
     * @param  Closure(mixed): (string|null)  $fingerprintOfApps
     * @param  string|null  $faultAtStart  why the initial record could not be read from the cache; null if it could, or was not read
     */
    public function __construct(
        private readonly Clock $clock,
        private readonly Display $display,
        private ServerRecord $record,
        private RunningServer $next,
        private readonly Closure $fingerprintOfApps,
        private readonly RecordWriter $writer,
        private readonly PublishedReason $reason,
        public readonly ?string $faultAtStart = null,
    ) {}

    public function record(): ServerRecord
    {
        return $this->record;
    }

    /** The restart flag of which this run of the supervisor is the result: the previous run has handed its server over. */
    public function flagOfThisRun(): ?string
    {
        $restart = $this->record->restart;

        return $restart?->isOpen() === true && $restart->isHandOver ? $restart->flag : null;
    }

    /** A server is being started. After a hand-over the record is still that of the running server. */
    public function starting(): void
    {
        $this->isStarting = true;
        $this->error = '';
        $this->publish(['state' => $this->record->server === null ? ServerRecord::STARTING : ServerRecord::READY]);
    }

    /** @param  array<array-key, mixed>  $line  the line of the server */
    public function ready(string $address, array $line): void
    {
        $this->isStarting = false;
        $this->writer->speak();
        $text = static fn (string $name): string => is_string($line[$name] ?? null) ? $line[$name] : '';
        $server = $this->next->with([
            'pid' => is_int($line['pid'] ?? null) ? $line['pid'] : 0,
            'since' => (int) $this->clock->time(),
            'revurb' => $text('version'),
            'bun' => $text('bun'),
        ]);
        $restart = $this->record->restart;

        if ($restart?->awaitsProcessManager() === true) {
            $restart = $restart->done(null, $this->clock->time());
            $this->display->info("Restarted in {$restart->seconds} s by the process manager: pid {$server->pid}", 'restart-done');
        }

        $this->publish(['state' => ServerRecord::READY, 'server' => $server, 'address' => $address, 'restart' => $restart]);
    }

    /** @param  array<array-key, mixed>  $line  the line of the server */
    public function status(array $line): void
    {
        $redis = is_string($line['redis'] ?? null) ? $line['redis'] : null;
        $isNews = $redis !== $this->record->server?->redis || $this->hasJustRestarted();
        $this->change(['sockets' => is_int($line['sockets'] ?? null) ? $line['sockets'] : null, 'redis' => $redis]);

        if ($isNews) {
            $this->publish();
        }
    }

    /** @param  array<array-key, mixed>  $line  the line of the server */
    public function moved(array $line): void
    {
        $this->moved = is_int($line['sockets'] ?? null) ? $line['sockets'] : null;
        $this->concludeRestart();
    }

    /** @param  array<array-key, mixed>  $entry  of the server's log */
    public function logged(array $entry): void
    {
        if ($this->isStarting && $this->error === '' && ($entry['level'] ?? null) === 'error' && is_string($entry['message'] ?? null)) {
            $this->error = $entry['message'];
        }
    }

    /** The server was sent a command with other apps. */
    public function appsChanged(string $line): void
    {
        $command = json_decode($line, true);

        if (is_array($command) && isset($command['apps'])) {
            $this->next = $this->next->with(['apps' => ($this->fingerprintOfApps)($command['apps'])]);
            $this->change(['apps' => $this->next->apps]);
            $this->publish();
        }
    }

    public function restartBegan(string $flag, bool $isHandOver): void
    {
        $restart = $this->record->restart;
        $began = $restart?->flag === $flag ? $restart->began : $this->clock->time();
        $this->publish(['restart' => new LastRestart($flag, $began, $isHandOver)]);
    }

    public function restartPostponed(string $reason): void
    {
        $this->publish(['restart' => $this->record->restart?->postponed($this->reason->of($reason))]);
    }

    /** The restart has failed, and the running server continues. */
    public function restartFailed(string $reason): void
    {
        $this->publish(['restart' => $this->record->restart?->failed($this->reason->of($reason), $this->clock->time())]);
    }

    /** The new server has exited before it listened, and the previous one continues; its output can no longer be read. */
    public function rolledBack(int $code): void
    {
        $this->change(['sockets' => null, 'redis' => null]);
        $this->restartFailed($this->error === '' ? "The new server ended before it was ready (exit code {$code})." : "{$this->error} (exit code {$code})");
    }

    /** The server of the previous run has exited. */
    public function oldServerExited(): void
    {
        $this->oldServerExitedAt = $this->clock->now();
        $this->concludeRestart();
    }

    public function crashed(int $code): void
    {
        $this->publish([
            'state' => ServerRecord::STARTING,
            'server' => null,
            'crashes' => $this->record->crashes->andOne((int) $this->clock->time(), $code),
        ]);
    }

    public function draining(): void
    {
        $this->publish(['state' => ServerRecord::DRAINING]);
    }

    /** @param  int  $code  with which this process ends */
    public function stopped(int $code): void
    {
        $reason = $code === ExitCode::OK || ! $this->isStarting || $this->error === '' ? null : $this->reason->of($this->error);
        $this->publish(['state' => ServerRecord::STOPPED, 'server' => null, 'exit' => $code, 'reason' => $reason]);
    }

    /** Concludes a restart and publishes the heartbeat when it is due. Called every few seconds. */
    public function tick(): void
    {
        $this->concludeRestart();
        $this->record = $this->writer->heartbeat($this->record);
    }

    /** @param  string|null  $fault  why the restart flag could not be read; null: it could */
    public function cacheRead(?string $fault): void
    {
        $this->writer->cacheRead($fault);
    }

    private function concludeRestart(): void
    {
        $isKnown = $this->moved !== null || ($this->oldServerExitedAt !== null && $this->clock->now() - $this->oldServerExitedAt >= self::MOVED_SECONDS);

        if ($this->oldServerExitedAt === null || ! $isKnown) {
            return;
        }

        $this->oldServerExitedAt = null;
        $restart = $this->record->restart?->outcome === null ? $this->record->restart?->done($this->moved, $this->clock->time()) : null;
        $this->moved = null;

        if ($restart === null) {
            return;
        }

        $pid = $this->record->server?->pid;
        $connections = match ($restart->moved) {
            null => "pid {$pid} serves",
            1 => "1 connection moved to pid {$pid}",
            default => "{$restart->moved} connections moved to pid {$pid}",
        };
        $this->display->info("Restarted in {$restart->seconds} s: {$connections}", 'restart-done');
        $this->publish(['restart' => $restart]);
    }

    /** Whether clients are still on their way to the new server. */
    private function hasJustRestarted(): bool
    {
        $restart = $this->record->restart;

        // The time since then is negative after a clock was set back, and right after a restart whose seconds were rounded up.
        return $restart?->seconds !== null && abs($this->clock->time() - $restart->began - $restart->seconds) < RecordWriter::HEARTBEAT_SECONDS;
    }

    /** @param  array<string, mixed>  $changes  changes of the server's part of the record */
    private function change(array $changes): void
    {
        $this->record = $this->record->with(['server' => $this->record->server?->with($changes)]);
    }

    /** @param  array<string, mixed>  $changes */
    private function publish(array $changes = []): void
    {
        $this->record = $this->record->with($changes);
        $this->record = $this->writer->changed($this->record);
    }
}
