<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Closure;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Cache\Repository;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Revurb\Bridge\ReverbConfig;
use Revurb\Output\ReportOnce;
use Throwable;

/**
 * The ids of failed attempts, in the application's default cache store, which its workers share. A job has one entry, for its last failed
 * attempt. A failing cache never fails a job.
 */
final readonly class FailedAttempts
{
    private ReportOnce $reportOnce;

    public function __construct(private Factory $cache, private ReverbConfig $config, ExceptionHandler $exceptions)
    {
        $this->reportOnce = new ReportOnce($exceptions);
    }

    /** False if `idempotency_seconds` is 0: the server then recognises no publish by its key. */
    public function areRemembered(): bool
    {
        return $this->config->idempotencySeconds() > 0;
    }

    /** The id of a failed attempt, or null if it has not failed or that is not known. */
    public function idOf(string $uuid, int $attempt): ?string
    {
        $entry = $this->tryWith(fn (Repository $cache): mixed => $cache->get($this->key($uuid)));

        return is_array($entry) && ($entry['attempt'] ?? null) === $attempt && is_string($entry['id'] ?? null) ? $entry['id'] : null;
    }

    public function remember(string $uuid, int $attempt, string $id): void
    {
        $entry = ['attempt' => $attempt, 'id' => $id];

        $this->tryWith(fn (Repository $cache): bool => $cache->put($this->key($uuid), $entry, $this->config->idempotencySeconds()));
    }

    /** Forgets a job that is queued again after its last failure, whose attempts are counted from 1 again. */
    public function forget(string $uuid): void
    {
        $this->tryWith(fn (Repository $cache): bool => $cache->forget($this->key($uuid)));
    }

    /** @param  Closure(Repository): mixed  $question */
    private function tryWith(Closure $question): mixed
    {
        try {
            $answer = $question($this->cache->store());
        } catch (Throwable $exception) {
            $this->reportOnce->report($exception);

            return null;
        }

        $this->reportOnce->end();

        return $answer;
    }

    private function key(string $uuid): string
    {
        return "revurb:failed-attempt:{$uuid}";
    }
}
