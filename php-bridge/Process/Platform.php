<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * The operating system, as far as it decides what a program is called and what PHP can do. A test names another one.
 */
final readonly class Platform
{
    /** PHP's stream_select knows only sockets there, and so a supervisor would neither see what the server prints nor its end. */
    public const NO_SERVER = 'The server does not run on Windows itself, where PHP cannot wait for a program and its output';

    public const CURE = 'run `php artisan reverb:start` in WSL (https://learn.microsoft.com/windows/wsl/install)';

    public function __construct(private string $family = PHP_OS_FAMILY) {}

    public function isWindows(): bool
    {
        return $this->family === 'Windows';
    }

    /** The name of the file that is a program, and no script that calls one. */
    public function program(string $name): string
    {
        return $this->isWindows() ? "{$name}.exe" : $name;
    }

    /**
     * What a shell takes the name of a program for. A name with an extension is itself only.
     *
     * @return list<string>
     */
    public function commands(string $name): array
    {
        return $this->isWindows() && pathinfo($name, PATHINFO_EXTENSION) === '' ? ["{$name}.exe", "{$name}.cmd", "{$name}.bat"] : [$name];
    }

    /** Windows has no such permission, and PHP answers no there for a script. */
    public function isExecutable(string $file): bool
    {
        return is_file($file) && ($this->isWindows() || is_executable($file));
    }

    /** Whether this is a file and not a name that is looked up in PATH. */
    public function isPath(string $name): bool
    {
        return str_contains($name, '/') || ($this->isWindows() && str_contains($name, '\\'));
    }

    /**
     * Between the folders of PATH.
     *
     * @return non-empty-string
     */
    public function pathSeparator(): string
    {
        return $this->isWindows() ? ';' : ':';
    }
}
