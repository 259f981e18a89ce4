<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The shared libraries that musl finds (https://musl.libc.org/doc/1.1.24/manual.html, "Library search path"). Bun for musl needs one that
 * the base image of Alpine does not have.
 */
final readonly class MuslLibraries
{
    public const OF_BUN = 'libstdc++.so.6';

    /** The command that installs it, together with the library that it needs itself. */
    public const INSTALL = 'apk add libstdc++';

    private const FOLDERS = ['/lib', '/usr/local/lib', '/usr/lib'];

    /** @param  string  $root  the folder that is the root of the file system */
    public function __construct(private string $root = '') {}

    public function has(string $library): bool
    {
        foreach ($this->folders() as $folder) {
            if (@is_file("{$this->root}{$folder}/{$library}")) {
                return true;
            }
        }

        return false;
    }

    /** @return list<string> those of the file in which musl reads them, or those that it has without it */
    private function folders(): array
    {
        $file = (glob("{$this->root}/etc/ld-musl-*.path") ?: [])[0] ?? null;
        $folders = $file === null ? [] : preg_split('/[:\n]/', (string) @file_get_contents($file), flags: PREG_SPLIT_NO_EMPTY);

        return $folders === [] || $folders === false ? self::FOLDERS : $folders;
    }
}
