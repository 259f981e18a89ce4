<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

/**
 * Reads a tar archive (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format"). The long names that
 * extended headers hold are entries without a meaning here, since the name of Bun is short.
 */
final readonly class Tar
{
    private const BLOCK_BYTES = 512;

    private const NAME_BYTES = 100;

    /** Types of entries: a file, and in archives of old programs. */
    private const FILES = ['0', "\0", '7'];

    public function extract(Input $input, Extraction $extraction): void
    {
        while (($header = $input->exactly(self::BLOCK_BYTES)) !== str_repeat("\0", self::BLOCK_BYTES)) {
            self::verify($header);
            $size = self::number(substr($header, 124, 12));

            // The field before the last one holds the folders of a long path, which do not matter.
            $extraction->begin(rtrim(substr($header, 0, self::NAME_BYTES), "\0"), in_array($header[156], self::FILES, true), $size);
            $input->copy($size, $extraction->write(...));
            $extraction->end();
            $input->skip((self::BLOCK_BYTES - $size % self::BLOCK_BYTES) % self::BLOCK_BYTES);
        }

        // The second empty block, and what pads the archive to a multiple of 10,240 bytes.
        $input->drain();
    }

    /** The checksum is the sum of all bytes, where those of the checksum itself count as spaces. */
    private static function verify(string $header): void
    {
        $sum = array_sum(unpack('C*', substr_replace($header, '        ', 148, 8)) ?: []);

        if ($sum !== self::number(substr($header, 148, 8))) {
            throw UnusableArchive::damaged('it is no tar, or a header of it is not what its checksum says');
        }
    }

    /** A number in octal digits, which go to 8 GiB. */
    private static function number(string $field): int
    {
        $digits = trim($field, " \0");

        return preg_match('/^[0-7]{0,12}$/', $digits) === 1 ? (int) octdec($digits) : throw UnusableArchive::damaged('it is no tar, or a number in it is not one');
    }
}
