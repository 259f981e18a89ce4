<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * Whether this process may prompt on its terminal. That it has a terminal is not enough: that of a container may be attached to no client, and
 * the kernel stops a process that reads the terminal in the background, as after `php artisan reverb:start &`.
 */
final readonly class Foreground
{
    /** Fields of /proc/<pid>/stat, counted after the name of the program, which is in parentheses and may contain any character (proc(5)). */
    private const GROUP = 2;

    private const FOREGROUND_GROUP = 5;

    /**
     * @param  string  $stat  the file that shows the process groups of this process and of its terminal; other systems than Linux have none
     * @param  int|null  $pid  null: that of this process
     */
    public function __construct(
        private string $stat = '/proc/self/stat',
        private ?int $pid = null,
    ) {}

    /**
     * @param  resource  $input
     * @param  resource  $output
     */
    public function canAnswer($input, $output): bool
    {
        return stream_isatty($input) && stream_isatty($output) && $this->isInForeground();
    }

    /** Process 1 is the program of a container, which its engine starts and restarts. */
    public function isInForeground(): bool
    {
        $text = (string) @file_get_contents($this->stat);
        $fields = explode(' ', substr((string) strrchr($text, ')'), 2));
        $foreground = (int) ($fields[self::FOREGROUND_GROUP] ?? -1);

        // -1: the terminal is not the controlling one of this process, so that the kernel does not stop it.
        return ($this->pid ?? getmypid()) !== 1 && ($foreground < 1 || $foreground === (int) $fields[self::GROUP]);
    }
}
