<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

/**
 * Reads a tar archive: ustar, with the long names of pax and of GNU
 * (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html).
 */
final readonly class Tar
{
    private const BLOCK_BYTES = 512;

    /** Bytes of an extended header, which holds a name, a size and times. */
    private const EXTENDED_BYTES = 1024 * 1024;

    /** Types of entries: a file, and in archives of old programs. */
    private const FILES = ['0', "\0", '7'];

    private const PAX = 'x';

    private const GNU_NAME = 'L';

    /** A header for all entries that follow, and the target of a long link, in which there is nothing for us. */
    private const IGNORED = ['g', 'K'];

    public function extract(Input $input, Extraction $extraction): void
    {
        $extended = [];

        while (($header = $input->exactly(self::BLOCK_BYTES)) !== str_repeat("\0", self::BLOCK_BYTES)) {
            self::verify($header);
            $type = $header[156];
            $size = $extended['size'] ?? self::number(substr($header, 124, 12));
            $padding = (self::BLOCK_BYTES - $size % self::BLOCK_BYTES) % self::BLOCK_BYTES;

            if ($type === self::PAX || $type === self::GNU_NAME) {
                $content = self::content($input, $size);
                $extended = $type === self::PAX ? [...$extended, ...self::pax($content)] : [...$extended, 'path' => rtrim($content, "\0")];
            } elseif (in_array($type, self::IGNORED, true)) {
                self::content($input, $size);
            } else {
                $extraction->begin($extended['path'] ?? self::name($header), in_array($type, self::FILES, true), $size);
                $input->copy($size, $extraction->write(...));
                $extraction->end();
                $extended = [];
            }

            $input->skip($padding);
        }

        // The second empty block, and what pads the archive to a multiple of 10,240 bytes.
        $input->drain();
    }

    private static function content(Input $input, int $size): string
    {
        return $size <= self::EXTENDED_BYTES ? $input->exactly($size) : throw UnusableArchive::damaged('a header of its tar has '.number_format($size).' bytes');
    }

    /** The checksum is the sum of all bytes, where those of the checksum itself count as spaces. */
    private static function verify(string $header): void
    {
        $sum = array_sum(unpack('C*', substr_replace($header, '        ', 148, 8)) ?: []);

        if ($sum !== self::number(substr($header, 148, 8))) {
            throw UnusableArchive::damaged('it is no tar, or a header of it is not what its checksum says');
        }
    }

    private static function name(string $header): string
    {
        $isUstar = substr($header, 257, 5) === 'ustar';
        $prefix = $isUstar ? rtrim(substr($header, 345, 155), "\0") : '';
        $name = strstr(substr($header, 0, 100)."\0", "\0", before_needle: true) ?: '';

        return $prefix === '' ? $name : "{$prefix}/{$name}";
    }

    /** A number in octal digits; or in the bytes themselves, where the first bit is 1, for sizes of 8 GiB and more. */
    private static function number(string $field): int
    {
        if (ord($field[0]) < 0x80) {
            $digits = trim($field, " \0");

            return preg_match('/^[0-7]{0,12}$/', $digits) === 1 ? (int) octdec($digits) : throw UnusableArchive::damaged('it is no tar, or a number in it is not one');
        }

        throw UnusableArchive::damaged('an entry of its tar has more than 8 GiB');
    }

    /** @return array{path?: string, size?: int} what an extended header of pax sets, in records of "LENGTH KEY=VALUE\n" */
    private static function pax(string $content): array
    {
        $values = [];

        while (preg_match('/^(\d{1,7}) /', $content, $length) === 1) {
            $record = substr($content, strlen($length[0]), (int) $length[1] - strlen($length[0]));
            [$key, $value] = [...explode('=', rtrim($record, "\n"), 2), ''];
            $values = match (true) {
                $key === 'path' => [...$values, 'path' => $value],
                $key === 'size' && preg_match('/^\d{1,12}$/', $value) === 1 => [...$values, 'size' => (int) $value],
                default => $values,
            };
            $content = substr($content, max(1, (int) $length[1]));
        }

        return $values;
    }
}
