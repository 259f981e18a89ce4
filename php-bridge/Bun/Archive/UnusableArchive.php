<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use RuntimeException;

/**
 * Why Bun cannot be unpacked from a file. The message is a predicate that follows the name of the file.
 */
final class UnusableArchive extends RuntimeException
{
    /** Characters of a text that are shown of a file that is no archive. */
    private const CHARACTERS = 60;

    public static function cut(): self
    {
        return new self('ends in the middle');
    }

    public static function damaged(string $what): self
    {
        return new self("is damaged: {$what}");
    }

    public static function unsupported(string $what): self
    {
        return new self("cannot be unpacked: {$what}");
    }

    public static function tooLarge(int $bytes): self
    {
        return new self('holds more than '.intdiv($bytes, 1024 * 1024).' MiB, which is no archive of Bun');
    }

    public static function withoutBun(): self
    {
        return new self('holds no file `bun`');
    }

    public static function anotherBun(int $bytes, string $wanted): self
    {
        return new self('holds a file `bun` of '.number_format($bytes)." bytes, which is not {$wanted}");
    }

    /** @param  string  $start  the first bytes of the file */
    public static function noArchive(string $start): self
    {
        $text = (string) preg_replace('/[^\x20-\x7e]+/', ' ', $start);

        return new self(match (true) {
            $start === '' => 'is empty',
            // A byte order mark and white space may stand before it.
            preg_match('/^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml)/i', $start) === 1 => 'is a web page and no archive, such as the login page of a proxy',
            trim($text) === '' || strlen(trim($text)) < strlen(trim($start)) => 'is neither a zip archive nor a tar.gz',
            default => 'is neither a zip archive nor a tar.gz: it begins with "'.substr(trim($text), 0, self::CHARACTERS).'"',
        });
    }
}
