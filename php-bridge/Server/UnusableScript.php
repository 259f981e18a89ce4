<?php

declare(strict_types=1);

namespace Revurb\Server;

use RuntimeException;

/**
 * The bundled server is missing or incomplete, as during an installation.
 */
final class UnusableScript extends RuntimeException
{
    public const FIX = 'composer reinstall revurb/revurb';

    private function __construct(string $file, string $fault)
    {
        parent::__construct("The script of the server ({$file}) {$fault}: run `".self::FIX.'`, or `make build` in a checkout.');
    }

    /** The fault that the file shows without being run, or null. */
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
        return new self($file, "does not run (exit code {$code} of Bun) and is incomplete");
    }
}
