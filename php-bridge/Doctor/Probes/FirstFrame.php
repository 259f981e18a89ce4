<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * The first frame that the server sends on a WebSocket: the connection is established, or the error.
 */
final readonly class FirstFrame
{
    public function __construct(
        public bool $isEstablished,
        public int $code = 0,
        public string $message = '',
    ) {}

    /** The first frame of the bytes, or null if it is not complete. */
    public static function in(string $bytes): ?self
    {
        $frame = Frame::first($bytes);

        return $frame === null ? null : self::of($frame->opcode, $frame->payload);
    }

    private static function of(int $opcode, string $payload): self
    {
        if ($opcode === Frame::CLOSE) {
            return new self(false, self::closeCode($payload), substr($payload, 2));
        }

        $frame = $opcode === Frame::TEXT ? json_decode($payload, true) : null;
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

    /** The close code; 0 if there is none. */
    private static function closeCode(string $payload): int
    {
        $code = strlen($payload) < 2 ? false : unpack('n', $payload);

        return is_array($code) ? (int) $code[1] : 0;
    }
}
