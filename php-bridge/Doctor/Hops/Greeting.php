<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

/**
 * The first frame of a WebSocket: welcome, or why not.
 */
final readonly class Greeting
{
    private const TEXT = 1;

    private const CLOSE = 8;

    private const LENGTH_IN_TWO_BYTES = 126;

    private const LENGTH_IN_EIGHT_BYTES = 127;

    public function __construct(
        public bool $isWelcome,
        public int $code = 0,
        public string $message = '',
    ) {}

    /** Null: no whole frame has come yet. */
    public static function in(string $bytes): ?self
    {
        if (strlen($bytes) < 2) {
            return null;
        }

        $opcode = ord($bytes[0]) & 0x0F;
        [$length, $start] = match ($short = ord($bytes[1]) & 0x7F) {
            self::LENGTH_IN_TWO_BYTES => [self::number('n', $bytes, 2), 4],
            self::LENGTH_IN_EIGHT_BYTES => [self::number('J', $bytes, 8), 10],
            default => [$short, 2],
        };
        $payload = substr($bytes, $start, $length);

        return strlen($payload) < $length || strlen($bytes) < $start ? null : self::of($opcode, $payload);
    }

    private static function of(int $opcode, string $payload): self
    {
        if ($opcode === self::CLOSE) {
            return new self(false, self::number('n', "  {$payload}", 2), substr($payload, 2));
        }

        $frame = $opcode === self::TEXT ? json_decode($payload, true) : null;
        $event = is_array($frame) ? $frame['event'] ?? null : null;
        $data = is_array($frame) ? $frame['data'] ?? null : null;
        $data = is_string($data) ? json_decode($data, true) : $data;
        $message = is_array($data) ? $data['message'] ?? null : null;

        return new self(
            $event === 'pusher:connection_established',
            is_array($data) ? (int) ($data['code'] ?? 0) : 0,
            is_string($message) ? $message : substr($payload, 0, 100),
        );
    }

    /** Behind the first two bytes; 0 if it is not there. */
    private static function number(string $format, string $bytes, int $size): int
    {
        $value = strlen($bytes) < 2 + $size ? false : unpack($format, $bytes, 2);

        return is_array($value) ? (int) $value[1] : 0;
    }
}
