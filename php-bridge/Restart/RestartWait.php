<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Status\Health;
use Revurb\Status\LastRestart;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\Clock;
use Throwable;

/**
 * Waits until every running server has restarted, which it reports by the outcome of its hand-over or by another process under the same id.
 */
final class RestartWait
{
    private const POLL_SECONDS = 0.5;

    /**
     * Seconds after which a supervisor is back in a cache that was cleared: it publishes when it sees the flag, or with its next heartbeat.
     */
    private const APPEAR_SECONDS = 20.0;

    /**
     * Seconds after which a server that is missing in the cache has published that its restart begins: it reads the flag every 5 seconds.
     */
    private const BEGIN_SECONDS = 6.0;

    /** @var array<string, ServerRecord> servers whose outcome is not known, as they were before the flag was raised */
    private array $awaited = [];

    /** @var array<string, ServerRecord> servers that have stopped publishing without a stop */
    private array $gone = [];

    /** @var array<string, true> the ids of servers whose outcome is known */
    private array $known = [];

    public function __construct(
        private readonly Servers $servers,
        private readonly Clock $clock,
    ) {}

    /** Records which servers run. Call it before the flag is raised. */
    public function prepare(): void
    {
        foreach ($this->servers->all() as $record) {
            if (Health::isGone($record, $this->time())) {
                $this->gone[$record->id] = $record;
            } elseif ($record->state !== ServerRecord::STOPPED) {
                $this->awaited[$record->id] = $record;
            }
        }
    }

    /**
     * @param  string  $flag  as it was raised
     * @return iterable<RestartOutcome> each as soon as it is known, and at the end those that are missing
     */
    public function outcomes(string $flag, float $seconds): iterable
    {
        $begin = $this->clock->now();
        $appearBy = $begin + ($this->awaited === [] ? self::APPEAR_SECONDS : self::BEGIN_SECONDS);

        while (true) {
            foreach ($this->read() as $record) {
                $outcome = isset($this->known[$record->id]) ? null : $this->outcomeOf($record, $flag);

                if ($outcome !== null) {
                    $this->known[$record->id] = true;
                    unset($this->awaited[$record->id]);

                    yield $outcome;
                }
            }

            $now = $this->clock->now();

            if ($now - $begin >= $seconds || ($this->awaited === [] && $now >= $appearBy)) {
                break;
            }

            $this->clock->sleep(self::POLL_SECONDS);
        }

        foreach ($this->awaited as $record) {
            yield new RestartOutcome($record, RestartOutcome::MISSING, $this->whyMissing($this->latest($record->id) ?? $record, $flag, $seconds));
        }

        foreach ($this->gone as $record) {
            yield new RestartOutcome($record, RestartOutcome::MISSING, "was not waited for: {$this->lastSeen($record)}, and it has not stopped");
        }
    }

    /** @return list<ServerRecord> none while the cache fails; it is read again until the timeout */
    private function read(): array
    {
        try {
            return $this->servers->all();
        } catch (Throwable) {
            return [];
        }
    }

    private function latest(string $id): ?ServerRecord
    {
        try {
            return $this->servers->find($id);
        } catch (Throwable) {
            return null;
        }
    }

    /** Null while the restart of that server is in progress. */
    private function outcomeOf(ServerRecord $record, string $flag): ?RestartOutcome
    {
        $before = $this->awaited[$record->id] ?? null;
        $restart = $record->restart;
        $isCovered = $restart?->covers($flag) === true;

        if ($before === null && ! $isCovered) {
            return null;
        }

        if ($before === null) {
            // The server was missing in a cache that was cleared, or could not write it for a while.
            $this->awaited[$record->id] = $record;
            unset($this->gone[$record->id]);
        }

        return match (true) {
            $isCovered && $restart->outcome === LastRestart::DONE => new RestartOutcome($record, RestartOutcome::RESTARTED, self::success($record, $restart)),
            $isCovered && $restart->outcome === LastRestart::FAILED => new RestartOutcome($record, RestartOutcome::FAILED, self::failure($record, $restart)),
            $record->state === ServerRecord::STOPPED && ($record->exit ?? 0) !== 0 => new RestartOutcome($record, RestartOutcome::FAILED, "ended with exit code {$record->exit}".($record->reason === null ? '' : ": {$record->reason}")),
            $isCovered && $restart->isHandOver && $record->state === ServerRecord::STOPPED => new RestartOutcome($record, RestartOutcome::FAILED, 'was stopped during the restart'),
            $before !== null && $record->run !== $before->run && $record->state === ServerRecord::READY => new RestartOutcome($record, RestartOutcome::RESTARTED, "was started again: pid {$record->server?->pid}"),
            default => null,
        };
    }

    private static function success(ServerRecord $record, LastRestart $restart): string
    {
        $pid = "pid {$record->server?->pid}";

        return "restarted in {$restart->seconds} s".match (true) {
            ! $restart->isHandOver => " by its process manager: {$pid}",
            $restart->moved === null => ": {$pid}",
            $restart->moved === 1 => ": 1 connection moved to {$pid}",
            default => ": {$restart->moved} connections moved to {$pid}",
        };
    }

    private static function failure(ServerRecord $record, LastRestart $restart): string
    {
        $pid = $record->server?->pid;

        return "failed after {$restart->seconds} s".($pid === null ? '' : ", and the running server (pid {$pid}) continues").": {$restart->reason}";
    }

    private function whyMissing(ServerRecord $record, string $flag, float $seconds): string
    {
        $restart = $record->restart;
        $isCovered = $restart?->covers($flag) === true;

        return "has not restarted within {$seconds} s: ".match (true) {
            $isCovered && ! $restart->isHandOver && $record->state === ServerRecord::STOPPED => 'it has stopped for the restart, and no process manager has started it again',
            $isCovered && $restart->reason !== null => $restart->reason,
            $isCovered => "its restart is in progress, {$this->lastSeen($record)}",
            $record->state === ServerRecord::STOPPED => "it has stopped, {$this->lastSeen($record)}",
            default => "{$this->lastSeen($record)}. Its log says whether it reads the cache store that this command writes",
        };
    }

    private function lastSeen(ServerRecord $record): string
    {
        return 'last seen '.max(0, $this->time() - $record->seen).' s ago';
    }

    private function time(): int
    {
        return (int) $this->clock->time();
    }
}
