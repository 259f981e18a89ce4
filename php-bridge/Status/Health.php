<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * Judges a server by its record.
 */
final readonly class Health
{
    /**
     * Seconds without a heartbeat after which a server counts as gone. A supervisor publishes every 15 seconds, and up to 60 seconds later
     * while it checks a new release or backs off after crashes.
     */
    public const GONE_SECONDS = 90;

    private const HOUR = 3600;

    /** Whether the server has stopped publishing without a stop. */
    public static function isGone(ServerRecord $record, int $now): bool
    {
        return $record->state !== ServerRecord::STOPPED && $now - $record->seen > self::GONE_SECONDS;
    }

    public static function isServing(ServerRecord $record, int $now): bool
    {
        return $record->server !== null && $record->state !== ServerRecord::STOPPED && ! self::isGone($record, $now);
    }

    /**
     * @param  bool|null  $isCurrent  whether it runs on the current configuration; null: unknown here
     * @param  string|null  $otherAddress  the configured address, if it listens on another one
     * @return list<Fault> the gravest first
     */
    public static function faults(ServerRecord $record, ?bool $isCurrent, int $now, ?string $otherAddress = null): array
    {
        if (self::isGone($record, $now)) {
            $ago = $now - $record->seen;

            return [new Fault('gone', "It was last seen {$ago} s ago and has not stopped: it was killed, or cannot write the cache.", 'See its process manager and its log; php artisan reverb:start')];
        }

        return array_values(array_filter([
            self::stop($record),
            $otherAddress === null ? null : self::moved($record, $otherAddress),
            self::restart($record),
            $isCurrent === false && $otherAddress === null ? new Fault('stale', 'It runs on another configuration than the one that this command reads.', 'php artisan reverb:restart') : null,
            self::redis($record),
            self::crash($record, $now),
        ]));
    }

    private static function stop(ServerRecord $record): ?Fault
    {
        return match (true) {
            $record->state !== ServerRecord::STOPPED => null,
            $record->restart?->awaitsProcessManager() === true => new Fault(
                'not-started-again',
                'It has stopped for a restart, and no process manager has started it again.',
                'php artisan reverb:start, under a process manager; or the extensions pcntl and posix, with which a restart needs none',
            ),
            ($record->exit ?? 0) === 0 => null,
            default => new Fault('failed', "It ended with exit code {$record->exit}".($record->reason === null ? '.' : ": {$record->reason}"), 'See its log; php artisan reverb:start --check'),
        };
    }

    private static function moved(ServerRecord $record, string $configured): Fault
    {
        return new Fault(
            'stale',
            "It listens on {$record->address}, and the configuration has {$configured}.",
            "Stop this server (pid {$record->pid}) and start it again, by its process manager or with php artisan reverb:start. A restart by reverb:restart is not enough for another host or port",
        );
    }

    private static function restart(ServerRecord $record): ?Fault
    {
        return $record->restart?->outcome === LastRestart::FAILED && $record->state !== ServerRecord::STOPPED
            ? new Fault('restart-failed', "The last restart failed, and the previous server continues: {$record->restart->reason}", 'Fix that, then php artisan reverb:restart --wait')
            : null;
    }

    private static function redis(ServerRecord $record): ?Fault
    {
        return match ($record->server?->redis) {
            'disconnected' => new Fault('redis', 'It does not reach the Redis of scaling: it receives no events of the other servers.', 'php artisan reverb:doctor'),
            'slow' => new Fault('redis-slow', 'The Redis of scaling is slow: what it publishes reaches the other servers more than 3 s late, and is dropped where more than 16 MiB wait.', 'Look at Redis (redis-cli --latency, SLOWLOG GET, INFO clients) and at the network between'),
            default => null,
        };
    }

    private static function crash(ServerRecord $record, int $now): ?Fault
    {
        ['count' => $count, 'at' => $at, 'code' => $code] = get_object_vars($record->crashes);

        $times = $count === 1 ? 'once' : "{$count} times";

        return $at !== null && $now - $at < self::HOUR
            ? new Fault('crashed', "It has crashed {$times}, last with exit code {$code} ".max(0, $now - $at).' s ago, and was started again.', 'See its log: the reason is above the line "The server crashed"', isWarning: true)
            : null;
    }
}
