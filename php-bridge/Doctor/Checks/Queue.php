<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Queue\Factory;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Throwable;

/**
 * Events that implement ShouldBroadcast are published by a queue worker: checks whether jobs can be queued, and whether any wait.
 */
final readonly class Queue implements Check
{
    /** The drivers that are checked; others may respond slowly or cost money. */
    private const CHECKED = ['database', 'redis'];

    private const WORKER = 'php artisan queue:work, kept running by your process manager';

    public function __construct(
        private Factory $queues,
        private Repository $config,
        private Redis $redis,
        private DatabaseFault $database,
    ) {}

    public function run(): CheckResult
    {
        $name = $this->text('queue.default');
        $driver = $this->text("queue.connections.{$name}.driver");
        $seen = "connection {$name}";

        if (! in_array($driver, self::CHECKED, true)) {
            return CheckResult::ok($driver === 'sync' ? "{$seen}: events are published at once" : "{$seen}: not checked");
        }

        $redis = $driver === 'redis' ? $this->redis->ofConnection("the queue {$name}", $this->text("queue.connections.{$name}.connection")) : null;

        if ($redis?->fix !== null) {
            return CheckResult::warning(Code::QueueUnusable, $seen, "Events that are queued cannot be published: {$redis->detail()}", $redis->fix);
        }

        try {
            $waiting = $this->queues->connection($name)->size();
        } catch (Throwable $exception) {
            [$fault, $fix] = $this->database->of($exception, 'queue');

            return CheckResult::warning(Code::QueueUnusable, $seen, "Events that implement ShouldBroadcast cannot be queued: {$fault}", $fix);
        }

        return $waiting === 0
            ? CheckResult::ok("{$seen}: no job waits")
            : CheckResult::hint(Code::JobsWaiting, $seen, "{$waiting} job(s) wait. Without a worker no queued event is published.", self::WORKER);
    }

    private function text(string $key): string
    {
        $value = $this->config->get($key);

        return is_string($value) ? $value : '';
    }
}
