<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\BoundedAttempts;
use Revurb\System\Clock;
use Throwable;

/**
 * Writes the record of a supervisor into the cache. A cache that fails is reported once per outage, never ends the supervisor, and is tried
 * no more often than every 15 seconds.
 */
final class RecordWriter
{
    public const HEARTBEAT_SECONDS = 15.0;

    private readonly BoundedAttempts $attempts;

    private float $writtenAt = -INF;

    private bool $isUnwritable = false;

    /** Whether the outage of writes was reported; a store that cannot be read either is reported as unreadable instead. */
    private bool $isReportedUnwritable = false;

    private bool $isUnreadable = false;

    /**
     * @param  string  $store  name of the cache store
     * @param  bool  $isSilent  write nothing until `speak()`, because another supervisor that has the port publishes under the same id
     */
    public function __construct(
        private readonly Servers $servers,
        private readonly Clock $clock,
        private readonly Display $display,
        private readonly PublishedReason $reason,
        private readonly string $store,
        private bool $isSilent = false,
    ) {
        $this->attempts = new BoundedAttempts($clock);
    }

    /** The port is that of this supervisor. */
    public function speak(): void
    {
        $this->isSilent = false;
    }

    /**
     * Writes a record that has changed.
     *
     * @return ServerRecord as it was written
     */
    public function changed(ServerRecord $record): ServerRecord
    {
        return $this->isUnwritable ? $this->heartbeat($record) : $this->write($record);
    }

    /**
     * Writes the record if that is due.
     *
     * @return ServerRecord as it was written
     */
    public function heartbeat(ServerRecord $record): ServerRecord
    {
        $isDue = $this->clock->now() - $this->writtenAt >= self::HEARTBEAT_SECONDS && $this->attempts->isDue();

        return $isDue ? $this->write($record) : $record;
    }

    /** @param  string|null  $fault  why the restart flag could not be read; null: it could */
    public function cacheRead(?string $fault): void
    {
        if ($fault !== null && ! $this->isUnreadable) {
            $this->isUnreadable = true;
            $this->report('cannot be read, so reverb:restart cannot reach this server', 'cache-unreadable', $fault);
        } elseif ($fault === null && $this->isUnreadable) {
            $this->isUnreadable = false;
            $this->display->info("The cache store {$this->store} can be read again: reverb:restart reaches this server.", 'cache-readable');
        }
    }

    private function write(ServerRecord $record): ServerRecord
    {
        // A store that cannot be read cannot be written either, and each attempt may block the supervisor for a minute.
        if ($this->isSilent || $this->isUnreadable) {
            return $record;
        }

        $this->writtenAt = $this->clock->now();
        $record = $record->with(['seen' => (int) $this->clock->time()]);

        try {
            $this->attempts->run(fn () => $this->servers->put($record));
        } catch (Throwable $exception) {
            $this->failed($record, $exception->getMessage());

            return $record;
        }

        $this->isUnwritable = false;

        if ($this->isReportedUnwritable) {
            $this->isReportedUnwritable = false;
            $this->display->info("The cache store {$this->store} can be written again: reverb:status and reverb:restart --wait see this server.", 'cache-writable');
        }

        return $record;
    }

    private function failed(ServerRecord $record, string $reason): void
    {
        if ($this->isUnwritable) {
            return;
        }

        $this->isUnwritable = true;
        $this->cacheRead($this->readFault($record));

        if (! $this->isUnreadable) {
            $this->isReportedUnwritable = true;
            $this->report('cannot be written, so a reverb:restart that runs as this user reaches no server, and reverb:status and reverb:restart --wait do not see this one', 'cache-unwritable', $reason);
        }
    }

    private function readFault(ServerRecord $record): ?string
    {
        try {
            $this->servers->find($record->id);
        } catch (Throwable $exception) {
            return $exception->getMessage();
        }

        return null;
    }

    private function report(string $consequence, string $code, string $reason): void
    {
        $this->display->warn(
            "The cache store {$this->store} {$consequence} while that lasts. `php artisan reverb:doctor` shows the fix; the store is CACHE_STORE in .env.",
            $code,
            ['reason' => $this->reason->of($reason)],
        );
    }
}
