<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use GuzzleHttp\Psr7\Utils;
use Illuminate\Contracts\Queue\Job;
use Psr\Http\Message\RequestInterface;
use Throwable;

/**
 * One attempt of a queued job. It has a random id, from which the keys of its publishes are made. The retry of a failed attempt inherits
 * that id, and so makes the same keys for the same publishes.
 */
final class Attempt
{
    /** The key of the payload of a queued broadcast event with the id of its first attempt. */
    public const IN_PAYLOAD = 'revurbAttempt';

    /** Different publishes that are counted, at some 100 bytes each. Later ones get no key, so a retry delivers them again. */
    private const MAX_COUNTED = 10_000;

    /** @var array<string, int> hash of what was published → how often in this attempt */
    private array $counts = [];

    private ?string $id = null;

    /** Read in the constructor: beanstalkd no longer has it when the job is deleted. */
    private readonly int $number;

    public function __construct(private readonly Job $job, private readonly FailedAttempts $failedAttempts)
    {
        $this->number = $job->attempts();
    }

    /** The key of a publish, or null once too many different ones were counted. */
    public function keyFor(RequestInterface $publish): ?string
    {
        // The query is left out: it holds the time and the signature.
        return $this->identify("{$publish->getMethod()} {$publish->getUri()->getPath()} ".Utils::hash($publish->getBody(), 'sha256'));
    }

    /**
     * The id for the first attempt of the job that broadcasts the event. Null if it cannot be made; a retry of this attempt then broadcasts
     * the event again.
     */
    public function idFor(object $event): ?string
    {
        try {
            return $this->identify('queue '.serialize(clone $event));
        } catch (Throwable) {
            // Laravel serializes the event next, and reports the failure better.
            return null;
        }
    }

    /** Passes the id on to the retry, unless this was the last attempt or nothing was published. */
    public function fail(): void
    {
        if ($this->job->hasFailed() || ($uuid = $this->job->uuid()) === null) {
            return;
        }

        if (($id = $this->id ?? $this->inheritedId()) !== null) {
            $this->failedAttempts->remember($uuid, $this->number, $id);
        }
    }

    private function identify(string $content): ?string
    {
        $hash = hash('sha256', $content, binary: true);

        if (! isset($this->counts[$hash]) && count($this->counts) === self::MAX_COUNTED) {
            return null;
        }

        // An attempt may publish the same event twice, and both are delivered.
        $count = $this->counts[$hash] = ($this->counts[$hash] ?? 0) + 1;
        $this->id ??= $this->inheritedId() ?? bin2hex(random_bytes(16));

        return hash('sha256', "{$this->id} {$count} {$hash}");
    }

    private function inheritedId(): ?string
    {
        if ($this->number === 1) {
            $id = $this->job->payload()[self::IN_PAYLOAD] ?? null;

            return is_string($id) ? $id : null;
        }

        $uuid = $this->job->uuid();

        return $uuid === null ? null : $this->failedAttempts->idOf($uuid, $this->number - 1);
    }
}
