<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Closure;
use Revurb\Doctor\Context\Address;

/**
 * A WebSocket over a PHP stream, by hand. Guzzle and cURL end with the response 101, so that nothing can be sent after it, and a WebSocket
 * client would be a dependency of every application for one command. Bun's client is no replacement: where PHP has a container of its own
 * there is no Bun, and it does not show the response of a proxy that refuses the handshake. A handshake that fails is not explained here:
 * an HTTP client sends the same request, and has the reason.
 */
final class StreamWebSocket implements WebSocket
{
    private const MAX_BYTES = 65_536;

    private string $bytes = '';

    /** @var array<string, string> by lower-case names */
    private array $headers = [];

    /**
     * @param  resource  $stream  not blocking
     * @param  float  $seconds  seconds to wait for the response, and for each frame
     */
    private function __construct(private $stream, private readonly float $seconds) {}

    /**
     * @param  array<string, string>  $headers
     * @return self|null null if the response is not 101, or there is none
     */
    public static function open(Address $address, string $target, array $headers, float $seconds): ?self
    {
        $tls = ['peer_name' => $address->host, 'verify_peer' => $address->verify, 'verify_peer_name' => $address->verify];
        $stream = @stream_socket_client(($address->isSecure ? 'tls' : 'tcp')."://{$address->authority()}", timeout: $seconds, context: stream_context_create(['ssl' => $tls]));

        if ($stream === false) {
            return null;
        }

        stream_set_blocking($stream, false);
        $lines = array_map(static fn (string $name, string $value): string => "{$name}: {$value}\r\n", array_keys($headers), $headers);
        @fwrite($stream, "GET {$address->path}{$target} HTTP/1.1\r\nHost: {$address->hostHeader()}\r\n".implode('', $lines)."\r\n");
        $webSocket = new self($stream, $seconds);

        return $webSocket->isAccepted() ? $webSocket : null;
    }

    /** The response that has opened it, with the first frame, or with what has arrived of it in time, as its body. */
    public function answer(): Reply
    {
        $this->readUntil(fn (): bool => Frame::first($this->bytes) !== null);

        return new Reply(101, $this->headers, $this->bytes, microtime(true));
    }

    public function send(string $text): void
    {
        @fwrite($this->stream, Frame::text($text));
    }

    public function receive(): ?string
    {
        do {
            $this->readUntil(fn (): bool => Frame::first($this->bytes) !== null);
            $frame = Frame::first($this->bytes);
            $this->bytes = $frame->rest ?? '';
        } while ($frame !== null && $frame->opcode !== Frame::TEXT);

        return $frame?->payload;
    }

    public function close(): void
    {
        fclose($this->stream);
    }

    private function isAccepted(): bool
    {
        $this->readUntil(fn (): bool => str_contains($this->bytes, "\r\n\r\n"));
        [$head, $this->bytes] = explode("\r\n\r\n", $this->bytes, 2) + ['', ''];
        preg_match_all('/^([^:\r\n]+):[ \t]*([^\r\n]*)/m', $head, $headers);
        $this->headers = array_combine(array_map(strtolower(...), $headers[1]), $headers[2]);

        return preg_match('~^HTTP/1\.1 101\b~', $head) === 1;
    }

    /** @param  Closure(): bool  $isEnough */
    private function readUntil(Closure $isEnough): void
    {
        $until = microtime(true) + $this->seconds;

        while (! $isEnough() && ! feof($this->stream) && strlen($this->bytes) <= self::MAX_BYTES && microtime(true) < $until) {
            $read = [$this->stream];
            $none = null;
            @stream_select($read, $none, $none, 0, 100_000);
            $this->bytes .= @fread($this->stream, self::MAX_BYTES);
        }
    }
}
