<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;

/**
 * Reads a zip archive from its start: each entry by its local header, and the directory at the end, without which the archive is not
 * complete (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
 */
final readonly class Zip
{
    private const ENTRY = "PK\x03\x04";

    private const DESCRIPTOR = "PK\x07\x08";

    /** Records after the entries, with the bytes that follow the signature. */
    private const DIRECTORY = "PK\x01\x02";

    private const ZIP64_END = "PK\x06\x06";

    private const ZIP64_LOCATOR = "PK\x06\x07";

    private const END = "PK\x05\x06";

    private const STORED = 0;

    private const DEFLATED = 8;

    /** Bits of the flags: the content is encrypted, and its sizes follow it. */
    private const ENCRYPTED = 1;

    private const HAS_DESCRIPTOR = 8;

    /** A size with this value is in the extra field for zip64. */
    private const IN_ZIP64 = 0xFFFFFFFF;

    private const ZIP64_FIELD = 1;

    /** Compressed bytes that are decompressed at once. They can become a thousand times as many, which are then in memory. */
    private const PIECE_BYTES = 4096;

    public function extract(Input $input, Extraction $extraction): void
    {
        while (($signature = $input->exactly(4)) !== self::END) {
            match ($signature) {
                self::ENTRY => $this->entry($input, $extraction),
                self::DIRECTORY => $input->skip(self::lengths($input->exactly(42), 24, 26, 28)),
                self::ZIP64_END => $input->skip(self::number('P', $input->exactly(8), 0)),
                self::ZIP64_LOCATOR => $input->skip(16),
                default => throw UnusableArchive::damaged('its zip has an unknown record'),
            };
        }

        $input->skip(self::lengths($input->exactly(18), 16));
    }

    private function entry(Input $input, Extraction $extraction): void
    {
        $header = $input->exactly(26);
        $flags = self::number('v', $header, 2);
        $method = self::number('v', $header, 4);
        $name = $input->exactly(self::number('v', $header, 22));
        $zip64 = self::zip64($input->exactly(self::number('v', $header, 24)));
        $hasDescriptor = ($flags & self::HAS_DESCRIPTOR) !== 0;
        $isFolder = str_ends_with($name, '/');
        [$unpacked, $packed] = self::sizes($header, $zip64);

        if (($flags & self::ENCRYPTED) !== 0) {
            throw UnusableArchive::unsupported('its zip is encrypted');
        }

        $extraction->begin($name, ! $isFolder, $hasDescriptor ? null : $unpacked);
        $written = 0;
        $write = static function (string $bytes) use ($extraction, &$written): void {
            $written += strlen($bytes);
            $extraction->write($bytes);
        };

        match ($method) {
            self::STORED => $input->copy(match (true) {
                ! $hasDescriptor || $packed > 0 => $packed,
                $isFolder => 0,
                // Only by its size is the end of such an entry to be found.
                default => throw UnusableArchive::unsupported("its zip states no size for {$name}"),
            }, $write),
            self::DEFLATED => self::inflate($input, $hasDescriptor ? null : $packed, $write),
            default => throw UnusableArchive::unsupported("its zip uses the compression method {$method}"),
        };

        if ($hasDescriptor) {
            $unpacked = self::descriptor($input, $zip64 !== null);
        }

        if ($written !== $unpacked) {
            throw UnusableArchive::damaged("{$name} has not the size that its zip states");
        }

        $extraction->end();
    }

    /**
     * @param  int|null  $bytes  compressed, where they are known
     * @param  Closure(string): void  $write
     */
    private static function inflate(Input $input, ?int $bytes, Closure $write): void
    {
        $context = inflate_init(ZLIB_ENCODING_RAW);

        if ($context === false) {
            throw UnusableArchive::unsupported('PHP cannot decompress it');
        }

        do {
            $before = inflate_get_read_len($context);
            $piece = $input->some($bytes === null ? self::PIECE_BYTES : min(self::PIECE_BYTES, max(1, $bytes - $before)));

            if ($piece === '') {
                throw UnusableArchive::cut();
            }

            $unpacked = @inflate_add($context, $piece);
            $write($unpacked === false ? throw UnusableArchive::damaged('its zip cannot be decompressed') : $unpacked);
        } while (inflate_get_status($context) !== ZLIB_STREAM_END);

        $input->giveBack(substr($piece, inflate_get_read_len($context) - $before));

        if ($bytes !== null && inflate_get_read_len($context) !== $bytes) {
            throw UnusableArchive::damaged('an entry of its zip has not the size that it states');
        }
    }

    /** Reads the data descriptor after an entry, and returns the size that it states. Its signature is optional. */
    private static function descriptor(Input $input, bool $isZip64): int
    {
        $signature = $input->peek(4) === self::DESCRIPTOR ? 4 : 0;
        $descriptor = $input->exactly($signature + ($isZip64 ? 20 : 12));

        return $isZip64 ? self::number('P', $descriptor, $signature + 12) : self::number('V', $descriptor, $signature + 8);
    }

    /** @return array{int, int} bytes of the content, and of it compressed */
    private static function sizes(string $header, ?string $zip64): array
    {
        $packed = self::number('V', $header, 14);
        $unpacked = self::number('V', $header, 18);

        // The field has the size of the content first, and each of the two only if the header has none.
        return [
            $unpacked === self::IN_ZIP64 ? self::number('P', $zip64 ?? '', 0) : $unpacked,
            $packed === self::IN_ZIP64 ? self::number('P', $zip64 ?? '', $unpacked === self::IN_ZIP64 ? 8 : 0) : $packed,
        ];
    }

    /** The content of the field for zip64, if there is one. */
    private static function zip64(string $extra): ?string
    {
        for ($at = 0; $at + 4 <= strlen($extra); $at += 4 + $length) {
            $length = self::number('v', $extra, $at + 2);

            if (self::number('v', $extra, $at) === self::ZIP64_FIELD) {
                return substr($extra, $at + 4, $length);
            }
        }

        return null;
    }

    /** The sum of 16-bit numbers, which are the lengths of what follows a record. */
    private static function lengths(string $record, int ...$offsets): int
    {
        return array_sum(array_map(static fn (int $offset): int => self::number('v', $record, $offset), $offsets));
    }

    /** @param  'v'|'V'|'P'  $format  16, 32 or 64 bits, little endian */
    private static function number(string $format, string $bytes, int $offset): int
    {
        $length = ['v' => 2, 'V' => 4, 'P' => 8][$format];
        $number = strlen($bytes) < $offset + $length ? -1 : (int) (unpack($format, $bytes, $offset)[1] ?? -1);

        return $number >= 0 ? $number : throw UnusableArchive::damaged('a number in its zip is not one');
    }
}
