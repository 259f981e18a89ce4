<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * A Bun that runs and is new enough for the server.
 */
final readonly class FoundBun
{
    public const MINIMUM = '1.4.0';

    public function __construct(
        public string $file,
        public string $version,
    ) {}

    public function describe(): string
    {
        return "{$this->version}, {$this->file}";
    }
}
