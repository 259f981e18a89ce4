<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * Joins pieces of a stream to whole lines. A line longer than docs/bridge.md allows is skipped to its end: keeping it would take unbounded
 * memory, and showing a part of it could reveal a secret.
 */
final class LineBuffer
{
    /** Bytes of a line, with its line end: 256 KiB. */
    public const MAX_BYTES = 262_144;

    /** @var list<string> pieces of the line whose end has not arrived */
    private array $pieces = [];

    private int $bytes = 0;

    /** @return list<string|null> the complete lines; null for a skipped one */
    public function add(string $piece): array
    {
        $parts = explode("\n", $piece);
        $rest = (string) array_pop($parts);
        $lines = [];

        foreach ($parts as $part) {
            $this->extend($part);
            $lines[] = $this->cut();
        }

        $this->extend($rest);

        return $lines;
    }

    /** @return list<string|null> the rest after the last line end */
    public function finish(): array
    {
        return $this->bytes === 0 ? [] : [$this->cut()];
    }

    private function extend(string $part): void
    {
        $this->bytes += strlen($part);

        if ($this->bytes >= self::MAX_BYTES) {
            $this->pieces = [];
        } elseif ($part !== '') {
            $this->pieces[] = $part;
        }
    }

    private function cut(): ?string
    {
        $line = $this->bytes < self::MAX_BYTES ? implode('', $this->pieces) : null;
        $this->pieces = [];
        $this->bytes = 0;

        return $line;
    }
}
