<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Bun\Download\Progress;

final class RecordedProgress implements Progress
{
    /** @var list<string> */
    public array $calls = [];

    private int $bytes = 0;

    public function begin(string $source, ?int $bytes): void
    {
        $this->calls[] = "begin {$source} {$bytes}";
    }

    public function advance(int $bytes): void
    {
        $this->bytes += $bytes;
    }

    public function end(): void
    {
        $this->calls[] = "end {$this->bytes}";
    }
}
