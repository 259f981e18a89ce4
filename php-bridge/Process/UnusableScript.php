<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

/**
 * The bundled server is not there, or not whole, as in the midst of an installation.
 */
final class UnusableScript extends RuntimeException
{
    public const CURE = 'composer reinstall revurb/revurb';

    private function __construct(string $file, string $fault)
    {
        parent::__construct("The script of the server ({$file}) {$fault}: run `".self::CURE.'`, or `make build` in a checkout.');
    }

    /** What can be seen without running it; null: nothing. */
    public static function of(string $file): ?self
    {
        clearstatcache();

        return match (true) {
            ! is_file($file) => new self($file, 'is missing'),
            ! is_readable($file) => new self($file, 'cannot be read by this user'),
            filesize($file) === 0 => new self($file, 'is empty'),
            default => null,
        };
    }

    public static function run(string $file, int $code): self
    {
        return new self($file, "does not run (exit code {$code} of Bun) and is not whole");
    }
}
