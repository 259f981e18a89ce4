<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

final class StreamWebSocket implements WebSocket
{
    private const MAX_BYTES = 65_536;

    /**
     * @param  resource  $stream  not blocking
     * @param  string  $bytes  bytes that arrived after the response that has opened it
     * @param  float  $seconds  seconds to wait for a text
     */
    public function __construct(private $stream, private string $bytes, private readonly float $seconds) {}

    public function send(string $text): void
    {
        @fwrite($this->stream, Frame::text($text));
    }

    public function receive(): ?string
    {
        $until = microtime(true) + $this->seconds;

        do {
            while (($frame = Frame::first($this->bytes)) !== null) {
                $this->bytes = $frame->rest;

                if ($frame->opcode === Frame::TEXT) {
                    return $frame->payload;
                }
            }

            $read = [$this->stream];
            $none = null;
            @stream_select($read, $none, $none, 0, 100_000);
            $this->bytes .= @fread($this->stream, self::MAX_BYTES);
        } while (! feof($this->stream) && microtime(true) < $until);

        return null;
    }

    public function close(): void
    {
        fclose($this->stream);
    }
}
