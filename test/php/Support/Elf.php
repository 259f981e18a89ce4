<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

/**
 * Constructs the headers of an ELF executable for x86_64.
 */
final class Elf
{
    private const HEADER_BYTES = 64;

    private const PT_LOAD = 1;

    private const PT_INTERP = 3;

    /**
     * @param  string|null  $loader  null: it is linked statically
     * @param  int|null  $offset  of the loader's path; null: after the program headers
     * @param  int  $headersBefore  program headers before the one of the loader
     * @param  int|null  $statedHeadersAt  an offset of the program headers that is not true
     * @param  int  $class  1 for 32 bit, 2 for 64 bit
     */
    public static function file(?string $loader, ?int $offset = null, int $headersBefore = 2, int $headersAt = self::HEADER_BYTES, int $headerBytes = 56, ?int $statedHeadersAt = null, int $class = 2, int $machine = 0x3E): string
    {
        $programs = array_fill(0, $headersBefore, self::program(self::PT_LOAD, 0, 4096, $headerBytes));
        $count = $headersBefore + ($loader === null ? 0 : 1);
        $offset ??= $headersAt + $count * $headerBytes;

        if ($loader !== null) {
            $programs[] = self::program(self::PT_INTERP, $offset, strlen($loader) + 1, $headerBytes);
        }

        $header = "\x7fELF".chr($class)."\1\1".str_repeat("\0", 9).pack('vvVPPPVvvvvvv', 2, $machine, 1, 0, $statedHeadersAt ?? $headersAt, 0, 0, self::HEADER_BYTES, $headerBytes, $count, 0, 0, 0);
        $file = str_pad($header, $headersAt, "\0").implode('', $programs);

        return str_pad($file, $offset, "\0").$loader."\0";
    }

    private static function program(int $type, int $offset, int $bytes, int $headerBytes): string
    {
        return str_pad(pack('VVPPPPPP', $type, 4, $offset, $offset, $offset, $bytes, $bytes, 1), $headerBytes, "\0");
    }
}
