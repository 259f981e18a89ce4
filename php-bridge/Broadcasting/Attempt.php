<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use GuzzleHttp\Psr7\Utils;
use Illuminate\Contracts\Queue\Job;
use Psr\Http\Message\RequestInterface;

/**
 * One run of a queued job. The next run of the same job makes the same keys in the same order, so that what the server
 * has delivered already is not delivered again.
 */
final class Attempt
{
    /** @var array<string, int> hash of what was published → how often in this run */
    private array $published = [];

    /** Reading it decodes the job's whole payload. */
    private ?string $uuid = null;

    public function __construct(private readonly Job $job) {}

    /** Null where the job has no identity to be known by again. */
    public function keyFor(RequestInterface $publish): ?string
    {
        if (($this->uuid ??= $this->job->uuid()) === null) {
            return null;
        }

        // The query is left out: it holds the time and the signature.
        $what = hash('sha256', "{$publish->getMethod()} {$publish->getUri()->getPath()} ".Utils::hash($publish->getBody(), 'sha256'));
        // A job may say the same twice, and mean it.
        $time = $this->published[$what] = ($this->published[$what] ?? 0) + 1;

        return hash('sha256', "{$this->uuid} {$what} {$time}");
    }
}
