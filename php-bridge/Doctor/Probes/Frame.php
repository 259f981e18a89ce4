<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * A WebSocket frame (RFC 6455, section 5.2). Frames of a server are not masked, those of a client are.
 */
final readonly class Frame
{
    public const TEXT = 1;

    public const CLOSE = 8;

    private function __construct(
        public int $opcode,
        public string $payload,
        /** The bytes behind it. */
        public string $rest,
    ) {}

    /** The first frame of the bytes, or null if it is not complete. */
    public static function first(string $bytes): ?self
    {
        $short = ord($bytes[1] ?? "\0") & 0x7F;
        $start = 2 + match ($short) {
            126 => 2, 127 => 8, default => 0
        };
        $length = $short < 126 ? $short : (int) hexdec(bin2hex(substr($bytes, 2, $start - 2)));

        return strlen($bytes) < $start + $length ? null : new self(ord($bytes[0]) & 0x0F, substr($bytes, $start, $length), substr($bytes, $start + $length));
    }

    /** A text frame of a client, of 65,535 bytes at most. */
    public static function text(string $payload): string
    {
        $length = strlen($payload);
        $mask = random_bytes(4);

        return "\x81".($length < 126 ? chr(0x80 | $length) : "\xFE".pack('n', $length)).$mask.($payload ^ str_pad('', $length, $mask));
    }
}
