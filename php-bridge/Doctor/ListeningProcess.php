<?php

declare(strict_types=1);

namespace Revurb\Doctor;

/**
 * The process that listens on a port, if this user is permitted to see it. It is found on Linux only. Child processes may inherit the
 * socket, so of several holders the oldest one has opened it.
 */
final readonly class ListeningProcess
{
    private const LISTENING = '0A';

    private const STATE = 3;

    private const INODE = 9;

    /**
     * The index of `starttime` in `/proc/<pid>/stat`, counted after the name of the program, which is in parentheses and may contain any.
     */
    private const START = 19;

    private function __construct(
        public int $pid,
        public string $name,
        /** The text of /proc/<pid>/limits. */
        public string $limits,
    ) {}

    /** Whether the process is Bun. The name of its file does not show it: npm's package calls it bun.exe on every system. */
    public function isBun(): bool
    {
        return str_starts_with($this->name, 'bun');
    }

    public static function on(int $port, string $proc = '/proc'): ?self
    {
        $sockets = self::sockets($port, $proc);

        if ($sockets === []) {
            return null;
        }

        $holders = array_filter(glob("{$proc}/[0-9]*", GLOB_ONLYDIR) ?: [], static fn (string $process): bool => self::holds($process, $sockets));
        usort($holders, static fn (string $one, string $two): int => self::startOf($one) <=> self::startOf($two));
        $oldest = $holders[0] ?? null;

        return $oldest === null
            ? null
            : new self((int) basename($oldest), trim((string) @file_get_contents("{$oldest}/comm")), (string) @file_get_contents("{$oldest}/limits"));
    }

    /**
     * @param  string  $process  the folder of the process in /proc
     * @param  list<string>  $sockets
     */
    private static function holds(string $process, array $sockets): bool
    {
        foreach (@scandir("{$process}/fd") ?: [] as $descriptor) {
            if (in_array(@readlink("{$process}/fd/{$descriptor}"), $sockets, true)) {
                return true;
            }
        }

        return false;
    }

    /** The start time in ticks since the system was started. */
    private static function startOf(string $process): int
    {
        $stat = (string) @file_get_contents("{$process}/stat");

        return (int) (explode(' ', substr((string) strrchr($stat, ')'), 2))[self::START] ?? 0);
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
