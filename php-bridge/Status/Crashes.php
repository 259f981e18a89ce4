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
     * @param  int|null  $at  of the last one, Unix time in seconds
     * @param  int|null  $code  of the last one; 128 + n after signal n
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
