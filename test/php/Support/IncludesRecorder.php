<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Supervision\Preloading;
use Revurb\System\Clock;

/**
 * Writes to a file, one a line, which PHP files are included after the supervisor has loaded what it needs. The clock is asked so often
 * that it sees each of them soon.
 */
final class IncludesRecorder implements Clock
{
    private ?int $known = null;

    public function __construct(private readonly Clock $clock, private readonly string $file) {}

    /** A preloading after which files are recorded. */
    public function after(Preloading $preloading): object
    {
        return new class($preloading, $this)
        {
            public function __construct(private Preloading $preloading, private IncludesRecorder $recorder) {}

            public function run(): void
            {
                $this->preloading->run();
                $this->recorder->begin();
            }
        };
    }

    public function begin(): void
    {
        $this->known = count(get_included_files());
    }

    public function now(): float
    {
        $this->record();

        return $this->clock->now();
    }

    public function time(): float
    {
        $this->record();

        return $this->clock->time();
    }

    public function sleep(float $seconds): void
    {
        $this->record();
        $this->clock->sleep($seconds);
    }

    public function record(): void
    {
        if ($this->known !== null && count($files = get_included_files()) > $this->known) {
            file_put_contents($this->file, implode("\n", array_slice($files, $this->known))."\n", FILE_APPEND);
            $this->known = count($files);
        }
    }
}
