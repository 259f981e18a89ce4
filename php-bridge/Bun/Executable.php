<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * What an executable file is built for, read from its first bytes and, for ELF, from its program headers
 * (https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html).
 */
final readonly class Executable
{
    /** Operating systems by the first bytes of their executables. */
    private const FORMATS = ["\x7fELF" => 'Linux', "\xcf\xfa\xed\xfe" => 'macOS', "\xca\xfe\xba\xbe" => 'macOS', 'MZ' => 'Windows'];

    /** Processors by `e_machine` of ELF, under the names of `uname -m`. */
    private const PROCESSORS = [0x3E => 'x86_64', 0xB7 => 'aarch64'];

    private const ELF_HEADER_BYTES = 64;

    private const PROGRAM_HEADER_BYTES = 56;

    /** Program headers that are looked at: an executable has about ten, and a damaged file may state 65,535. */
    private const PROGRAM_HEADERS = 64;

    private const PT_INTERP = 3;

    /** Linux allows no longer path. */
    private const PATH_BYTES = 4096;

    /**
     * @param  string|null  $system  Linux, macOS or Windows; null: it is no executable, but perhaps a script
     * @param  string|null  $processor  as `uname -m` has it; null: another one, or not read
     * @param  string|null  $loader  the path of the program that loads it; null: it is linked statically, or not for Linux
     */
    private function __construct(
        public ?string $system,
        public ?string $processor = null,
        public ?string $loader = null,
        public bool $is32Bit = false,
    ) {}

    public static function of(string $file): self
    {
        $stream = @is_file($file) ? @fopen($file, 'rb') : false;

        if ($stream === false) {
            return new self(null);
        }

        try {
            return self::read($stream);
        } finally {
            fclose($stream);
        }
    }

    public function usesMusl(): bool
    {
        return $this->loader !== null && str_contains(basename($this->loader), 'musl');
    }

    /** @param  resource  $stream */
    private static function read($stream): self
    {
        $header = self::bytes($stream, 0, self::ELF_HEADER_BYTES);
        $system = self::system($header);

        if ($system !== 'Linux' || strlen($header) < self::ELF_HEADER_BYTES) {
            return new self($system);
        }

        $processor = self::PROCESSORS[self::number('v', $header, 18)] ?? null;

        // The fifth byte is 1 for 32 bit, for which there is no Bun, so that its other layout need not be read.
        return ord($header[4]) === 2
            ? new self($system, $processor, self::interpreter($stream, $header))
            : new self($system, $processor, is32Bit: true);
    }

    private static function system(string $header): ?string
    {
        foreach (self::FORMATS as $magic => $system) {
            if (str_starts_with($header, $magic)) {
                return $system;
            }
        }

        return null;
    }

    /** @param  resource  $stream */
    private static function interpreter($stream, string $header): ?string
    {
        $offset = self::number('P', $header, 32);
        $size = self::number('v', $header, 54);
        $count = min(self::number('v', $header, 56), self::PROGRAM_HEADERS);

        for ($i = 0; $i < $count; $i++) {
            $program = self::bytes($stream, $offset + $i * $size, self::PROGRAM_HEADER_BYTES);

            if (strlen($program) === self::PROGRAM_HEADER_BYTES && self::number('V', $program, 0) === self::PT_INTERP) {
                $path = rtrim(self::bytes($stream, self::number('P', $program, 8), min(self::number('P', $program, 32), self::PATH_BYTES)), "\0");

                return $path === '' ? null : $path;
            }
        }

        return null;
    }

    /** @param  'v'|'V'|'P'  $format  16, 32 or 64 bits, little endian, as both processors have them */
    private static function number(string $format, string $bytes, int $offset): int
    {
        return (int) (unpack($format, $bytes, $offset)[1] ?? 0);
    }

    /**
     * As many bytes as the file has there.
     *
     * @param  resource  $stream
     */
    private static function bytes($stream, int $offset, int $length): string
    {
        return $length > 0 && $offset >= 0 && fseek($stream, $offset) === 0 ? (string) stream_get_contents($stream, $length) : '';
    }
}
