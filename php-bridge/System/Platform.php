<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * The operating system, as far as it decides names of programs and what PHP can do. Tests pass another one.
 */
final readonly class Platform
{
    /** PHP's stream_select supports only sockets on Windows, so a supervisor could see neither the output nor the exit of a server. */
    public const NO_SERVER = 'The server does not run on Windows itself, where PHP cannot wait for a program and its output';

    public const FIX = 'run `php artisan reverb:start` in WSL (https://learn.microsoft.com/windows/wsl/install)';

    public function __construct(private string $family = PHP_OS_FAMILY) {}

    public function isWindows(): bool
    {
        return $this->family === 'Windows';
    }

    /** The file name of an executable, not of a script that calls one. */
    public function program(string $name): string
    {
        return $this->isWindows() ? "{$name}.exe" : $name;
    }

    /**
     * The file names that a shell tries for a command. A name with an extension is tried as it is.
     *
     * @return list<string>
     */
    public function commands(string $name): array
    {
        return $this->isWindows() && pathinfo($name, PATHINFO_EXTENSION) === '' ? ["{$name}.exe", "{$name}.cmd", "{$name}.bat"] : [$name];
    }

    /** Windows has no such permission, and PHP returns false there for a script. */
    public function isExecutable(string $file): bool
    {
        return @is_file($file) && ($this->isWindows() || is_executable($file));
    }

    /** Whether the name is a path, and not a command to look up in PATH. */
    public function isPath(string $name): bool
    {
        return str_contains($name, '/') || ($this->isWindows() && str_contains($name, '\\'));
    }

    /**
     * The separator of the folders in PATH.
     *
     * @return non-empty-string
     */
    public function pathSeparator(): string
    {
        return $this->isWindows() ? ';' : ':';
    }
}
