<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * Pieces of a stream in, whole lines out.
 */
final class LineBuffer
{
    private string $rest = '';

    /** @return list<string> */
    public function add(string $piece): array
    {
        $lines = explode("\n", $piece);
        $lines[0] = $this->rest.$lines[0];
        $this->rest = (string) array_pop($lines);

        return $lines;
    }

    /** @return list<string> what came after the last line's end */
    public function finish(): array
    {
        $rest = $this->rest;
        $this->rest = '';

        return $rest === '' ? [] : [$rest];
    }
}
