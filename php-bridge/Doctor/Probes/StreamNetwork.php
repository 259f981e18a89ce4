<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;

/**
 * Sends requests over a PHP stream, since an HTTP library would report less precisely what has failed, and when.
 */
final readonly class StreamNetwork implements Network
{
    private const MAX_BYTES = 65_536;

    private const BAD_REQUEST = 400;

    private const SWITCHED = 101;

    /** @param  float  $seconds  for the connection, and again for the response */
    public function __construct(private float $seconds = 3.0) {}

    public function get(Address $address, string $target, array $headers = []): Reply|Unreachable
    {
        $answer = $this->exchange($address, $target, $headers);
        $error = $answer instanceof Unreachable ? $answer->error : null;
        $isRejected = $answer instanceof Reply && $answer->status === self::BAD_REQUEST;

        return match (true) {
            $error === ConnectionError::Tls && $this->speaksPlainHttp($address) => new Unreachable(ConnectionError::Plain),
            ! $address->isSecure && ($isRejected || $error === ConnectionError::NoHttp) && $this->speaksTls($address) => new Unreachable(ConnectionError::Encrypted),
            default => $answer,
        };
    }

    public function post(Address $address, string $target, string $json): Reply|Unreachable
    {
        return $this->exchange($address, $target, ['Content-Type' => 'application/json', 'Content-Length' => (string) strlen($json)], $json);
    }

    public function open(Address $address, string $target, array $headers): WebSocket|Reply|Unreachable
    {
        $stream = $this->send($address, $target, $headers);
        $answer = $stream instanceof Unreachable ? $stream : $this->read($stream);

        return ! $stream instanceof Unreachable && $answer instanceof Reply && $answer->status === self::SWITCHED
            ? new StreamWebSocket($stream, $answer->body, $this->seconds)
            : $answer;
    }

    /** Whether the address speaks plain HTTP. A server that expects TLS also answers a plain request: with 400. */
    private function speaksPlainHttp(Address $address): bool
    {
        $answer = $this->exchange($address->plain(), '/', []);

        return $answer instanceof Reply && $answer->status !== self::BAD_REQUEST;
    }

    private function speaksTls(Address $address): bool
    {
        $stream = $this->connect($address->unverified());

        return ! $stream instanceof Unreachable && $this->encrypt($stream) === null;
    }

    /** @param  array<string, string>  $headers */
    private function exchange(Address $address, string $target, array $headers, ?string $body = null): Reply|Unreachable
    {
        $stream = $this->send($address, $target, $headers, $body);

        if ($stream instanceof Unreachable) {
            return $stream;
        }

        $answer = $this->read($stream);
        fclose($stream);

        return $answer;
    }

    /**
     * @param  array<string, string>  $headers
     * @return resource|Unreachable
     */
    private function send(Address $address, string $target, array $headers, ?string $body = null)
    {
        $stream = $this->connect($address);

        if ($stream instanceof Unreachable) {
            return $stream;
        }

        $fault = $address->isSecure ? $this->encrypt($stream) : null;

        if ($fault !== null) {
            return $fault;
        }

        $method = $body === null ? 'GET' : 'POST';
        $lines = ["{$method} {$address->path}{$target} HTTP/1.1", "Host: {$address->hostHeader()}"];

        foreach ($headers + ['Connection' => 'close', 'User-Agent' => 'revurb-doctor'] as $name => $value) {
            $lines[] = "{$name}: {$value}";
        }

        @fwrite($stream, implode("\r\n", $lines)."\r\n\r\n{$body}");

        return $stream;
    }

    /** @return resource|Unreachable */
    private function connect(Address $address)
    {
        $context = stream_context_create(['ssl' => [
            'peer_name' => $address->host,
            'verify_peer' => $address->verify !== false,
            'verify_peer_name' => $address->verify !== false,
            ...is_string($address->verify) ? [is_dir($address->verify) ? 'capath' : 'cafile' => $address->verify] : [],
        ]]);
        $stream = @stream_socket_client("tcp://{$address->authority()}", $code, $reason, $this->seconds, STREAM_CLIENT_CONNECT, $context);
        $reason = (string) $reason;

        return $stream ?: new Unreachable(match (true) {
            str_contains($reason, 'refused') => ConnectionError::Refused,
            str_contains($reason, 'getaddrinfo') => ConnectionError::UnknownHost,
            default => ConnectionError::Silent,
        }, $reason);
    }

    /** @param  resource  $stream */
    private function encrypt($stream): ?Unreachable
    {
        $reasons = [];
        set_error_handler(static function (int $level, string $message) use (&$reasons): bool {
            $reasons[] = trim((string) preg_replace('/^.*(?:\(\): |:)/s', '', trim($message)));

            return true;
        });

        try {
            $isDone = stream_socket_enable_crypto($stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT);
        } finally {
            restore_error_handler();
        }

        $reason = $reasons[0] ?? '';

        return match (true) {
            $isDone === true => null,
            str_contains(strtolower($reason), 'certificate') => new Unreachable(ConnectionError::Certificate, $reason),
            str_contains($reason, 'timed out') => new Unreachable(ConnectionError::Silent),
            default => new Unreachable(ConnectionError::Tls, $reason),
        };
    }

    /** @param  resource  $stream */
    private function read($stream): Reply|Unreachable
    {
        stream_set_blocking($stream, false);
        $until = microtime(true) + $this->seconds;
        $bytes = '';

        do {
            $read = [$stream];
            $none = null;
            @stream_select($read, $none, $none, 0, 100_000);
            $bytes .= @fread($stream, self::MAX_BYTES);
            $reply = Reply::parse($bytes, microtime(true));
            $isOver = feof($stream) || strlen($bytes) > self::MAX_BYTES;
        } while (! $isOver && ! $reply?->isWhole() && microtime(true) < $until);

        return $reply?->unchunked() ?? new Unreachable($isOver || $bytes !== '' ? ConnectionError::NoHttp : ConnectionError::Silent);
    }
}
