<?php

declare(strict_types=1);

namespace Revurb\Output;

/**
 * The line by which a server reports that it listens (docs/bridge.md).
 */
final readonly class Ready
{
    private function __construct(
        public string $host,
        public int $port,
        public bool $isSecure,
        /** @var array<array-key, mixed> */
        public array $line,
    ) {}

    /** @param  array<array-key, mixed>  $line */
    public static function of(array $line): self
    {
        return new self(
            is_string($line['host'] ?? null) ? $line['host'] : '',
            is_int($line['port'] ?? null) ? $line['port'] : 0,
            ($line['secure'] ?? false) === true,
            $line,
        );
    }

    public function address(): string
    {
        return "{$this->host}:{$this->port}";
    }
}
