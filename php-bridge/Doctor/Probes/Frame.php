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

    private const FINAL = 0x80;

    private const MASKED = 0x80;

    private const LENGTH_IN_TWO_BYTES = 126;

    private const LENGTH_IN_EIGHT_BYTES = 127;

    private const MASK_BYTES = 4;

    private function __construct(
        public int $opcode,
        public string $payload,
        /** The bytes behind it. */
        public string $rest,
    ) {}

    /** The first frame of the bytes, or null if it is not complete. */
    public static function first(string $bytes): ?self
    {
        if (strlen($bytes) < 2) {
            return null;
        }

        [$length, $start] = match ($short = ord($bytes[1]) & 0x7F) {
            self::LENGTH_IN_TWO_BYTES => [self::number('n', $bytes, 2), 4],
            self::LENGTH_IN_EIGHT_BYTES => [self::number('J', $bytes, 8), 10],
            default => [$short, 2],
        };
        $payload = substr($bytes, $start, $length);

        return strlen($payload) < $length || strlen($bytes) < $start ? null : new self(ord($bytes[0]) & 0x0F, $payload, substr($bytes, $start + $length));
    }

    /** A text frame of a client. */
    public static function text(string $payload): string
    {
        $length = strlen($payload);
        $mask = random_bytes(self::MASK_BYTES);
        $size = $length < self::LENGTH_IN_TWO_BYTES ? chr(self::MASKED | $length) : chr(self::MASKED | self::LENGTH_IN_TWO_BYTES).pack('n', $length);

        return chr(self::FINAL | self::TEXT).$size.$mask.($payload ^ str_pad('', $length, $mask));
    }

    /** A number after the first two bytes; 0 if it is not there. */
    private static function number(string $format, string $bytes, int $size): int
    {
        $value = strlen($bytes) < 2 + $size ? false : unpack($format, $bytes, 2);

        return is_array($value) ? (int) $value[1] : 0;
    }
}
