<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use Revurb\Bun\Megabytes;
use RuntimeException;

/**
 * Why Bun could not be stored. The message is a sentence without its full stop.
 */
final class FailedInstallation extends RuntimeException
{
    public static function noBun(string $machine): self
    {
        return new self("There is no Bun for this machine ({$machine}): the server runs on Linux and macOS with x86_64 or aarch64, 64 bit, and on Windows in WSL");
    }

    public static function noZlib(): self
    {
        return new self('Bun cannot be unpacked: this PHP has no extension zlib, which has to be installed');
    }

    /** @param  string  $sentence  which functions PHP lacks */
    public static function noFunctions(string $sentence): self
    {
        return new self(rtrim($sentence, '.'));
    }

    public static function noLibrary(string $library, string $command): self
    {
        return new self("Bun needs {$library} on this machine, which is not installed: run `{$command}` as root first");
    }

    public static function obstructed(string $file): self
    {
        return new self("{$file} is no folder and has to be one: move it away");
    }

    public static function unwritable(string $folder, string $reason, string $owner, string $user): self
    {
        return new self("{$folder} cannot be written ({$reason})".($owner === $user ? '' : ": it belongs to {$owner}, and this is {$user}"));
    }

    public static function noSpace(string $folder, int $needed, int $free): self
    {
        return new self("{$folder} has ".Megabytes::of($free).' of free space, and '.Megabytes::of($needed).' are needed');
    }

    public static function notWritten(string $file, string $reason): self
    {
        return new self("{$file} could not be written ({$reason})");
    }

    public static function wrongHash(string $source, string $wanted, string $hash): self
    {
        return new self("{$source} holds another file than {$wanted}: its SHA-512 is {$hash}");
    }

    /** @param  string  $predicate  that follows the name of the file */
    public static function doesNotRun(string $wanted, string $predicate): self
    {
        return new self("{$wanted} was downloaded, and cannot be used on this machine: it {$predicate}");
    }
}
