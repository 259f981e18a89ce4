<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

/**
 * Makes archives byte by byte, so that they can have what PHP's own writers never write.
 */
final class Archives
{
    public const STORED = 0;

    public const DEFLATED = 8;

    /** @param  string  ...$entries  of `tarEntry` */
    public static function tarGz(string ...$entries): string
    {
        return (string) gzencode(implode('', $entries).str_repeat("\0", 1024));
    }

    public static function tarEntry(string $name, string $content, string $type = '0', string $prefix = '', ?int $statedSize = null): string
    {
        $fields = [
            [100, $name], [8, '0000755'], [8, '0000000'], [8, '0000000'], [12, sprintf('%011o', $statedSize ?? strlen($content))], [12, '00000000000'],
            [8, '        '], [1, $type], [100, ''], [6, 'ustar'], [2, '00'], [32, ''], [32, ''], [8, ''], [8, ''], [167, $prefix],
        ];
        $header = implode('', array_map(static fn (array $field): string => str_pad($field[1], $field[0], "\0"), $fields));
        $header = substr_replace($header, sprintf("%06o\0 ", array_sum(unpack('C*', $header) ?: [])), 148, 8);

        return $header.$content.str_repeat("\0", (512 - strlen($content) % 512) % 512);
    }

    /** @param  string  ...$entries  of `zipEntry` */
    public static function zip(string ...$entries): string
    {
        return self::zipOf(array_values($entries));
    }

    /** @param  list<string>  $entries */
    public static function zipOf(array $entries, bool $isZip64 = false, string $comment = ''): string
    {
        $content = implode('', $entries);
        // The directory is not read, except for the lengths in it.
        $directory = "PK\x01\x02".str_pad('', 24, "\0").pack('vvv', 3, 2, 4).str_pad('', 12, "\0").'bunexnote';
        $zip64 = $isZip64 ? "PK\x06\x06".pack('P', 44).str_repeat("\0", 44)."PK\x06\x07".str_repeat("\0", 16) : '';

        return $content.str_repeat($directory, count($entries)).$zip64."PK\x05\x06".str_repeat("\0", 16).pack('v', strlen($comment)).$comment;
    }

    public static function zipEntry(string $name, string $content, int $method = self::DEFLATED, bool $hasDescriptor = false, bool $isZip64 = false, bool $isSigned = true, int $flags = 0, ?int $statedSize = null): string
    {
        $packed = $method === self::DEFLATED ? (string) gzdeflate($content) : $content;
        $sizes = [strlen($packed), $statedSize ?? strlen($content)];
        $stated = $hasDescriptor ? [0, 0] : $sizes;
        $extra = "\x55\x54\x05\0\x03abcd".($isZip64 ? pack('vvPP', 1, 16, $stated[1], $stated[0]) : '');
        $inHeader = $isZip64 ? [0xFFFFFFFF, 0xFFFFFFFF] : $stated;
        $descriptor = ($isSigned ? "PK\x07\x08" : '').pack('V', crc32($content)).pack($isZip64 ? 'PP' : 'VV', ...$sizes);

        return "PK\x03\x04".pack('vvvVVVVvv', 20, $flags | ($hasDescriptor ? 8 : 0), $method, 0, crc32($content), $inHeader[0], $inHeader[1], strlen($name), strlen($extra)).$name.$extra.$packed.($hasDescriptor ? $descriptor : '');
    }
}
