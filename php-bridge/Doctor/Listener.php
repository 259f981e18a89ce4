<?php

declare(strict_types=1);

namespace Revurb\Doctor;

/**
 * The process that listens on a port, where this user may know it. Linux only: elsewhere nobody is found.
 */
final readonly class Listener
{
    private const LISTENING = '0A';

    private const STATE = 3;

    private const INODE = 9;

    private function __construct(
        public int $pid,
        public string $name,
        /** The text of /proc/<pid>/limits. */
        public string $limits,
    ) {}

    public function isBun(): bool
    {
        return $this->name === 'bun';
    }

    public static function on(int $port, string $proc = '/proc'): ?self
    {
        $sockets = self::sockets($port, $proc);

        if ($sockets === []) {
            return null;
        }

        foreach (glob("{$proc}/[0-9]*", GLOB_ONLYDIR) ?: [] as $folder) {
            foreach (@scandir("{$folder}/fd") ?: [] as $descriptor) {
                if (in_array(@readlink("{$folder}/fd/{$descriptor}"), $sockets, true)) {
                    return new self((int) basename($folder), trim((string) @file_get_contents("{$folder}/comm")), (string) @file_get_contents("{$folder}/limits"));
                }
            }
        }

        return null;
    }

    /** @return list<string> as the links in /proc/<pid>/fd name them */
    private static function sockets(int $port, string $proc): array
    {
        $found = [];

        foreach ([...@file("{$proc}/net/tcp") ?: [], ...@file("{$proc}/net/tcp6") ?: []] as $line) {
            $fields = preg_split('/\s+/', trim($line)) ?: [];

            if (($fields[self::STATE] ?? '') === self::LISTENING && str_ends_with($fields[1], sprintf(':%04X', $port))) {
                $found[] = "socket:[{$fields[self::INODE]}]";
            }
        }

        return $found;
    }
}
