<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * How often a server has crashed and was started again by its supervisor.
 */
final readonly class Crashes
{
    use ReadsFields;

    /**
     * @param  int|null  $at  when it crashed last, Unix time in seconds
     * @param  int|null  $code  the exit code of the last crash; 128 + n after signal n
     */
    public function __construct(
        public int $count = 0,
        public ?int $at = null,
        public ?int $code = null,
    ) {}

    public function andOne(int $at, int $code): self
    {
        return new self($this->count + 1, $at, $code);
    }
}
