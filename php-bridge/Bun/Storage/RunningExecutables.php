<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

/**
 * The files that processes of this machine execute, as far as this user may see them: root sees all, any other user those of its own
 * processes. macOS has no /proc, so that none is seen there.
 */
final readonly class RunningExecutables
{
    public function __construct(private string $proc = '/proc') {}

    /** @return list<string> */
    public function files(): array
    {
        $files = array_map(static fn (string $link): string => (string) @readlink($link), glob("{$this->proc}/[0-9]*/exe") ?: []);

        return array_values(array_unique(array_filter($files, static fn (string $file): bool => $file !== '')));
    }
}
