<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use GuzzleHttp\Client;
use GuzzleHttp\ClientInterface;
use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\RequestOptions;
use Psr\Http\Message\ResponseInterface;
use Revurb\Doctor\Context\Address;

/**
 * Sends requests with Guzzle, which publishes for Laravel, too: where one of them has no response, the other has none for the same reason.
 */
final readonly class GuzzleNetwork implements Network
{
    private const HEADERS = ['Connection' => 'close', 'User-Agent' => 'revurb-doctor'];

    private const BAD_REQUEST = 400;

    private FailedTransfer $failures;

    /** @param  float  $seconds  for the connection, and again for the response */
    public function __construct(private float $seconds = 3.0)
    {
        $this->failures = new FailedTransfer($seconds);
    }

    public function get(Address $address, string $target, array $headers = [], ?ClientInterface $client = null): Reply|Unreachable
    {
        $answer = $this->send('GET', $address, $target, $headers, client: $client);
        $error = $answer instanceof Unreachable ? $answer->error : null;
        $isRejected = $answer instanceof Reply && $answer->status === self::BAD_REQUEST;

        return match (true) {
            $error === ConnectionError::Tls && $this->speaksPlainHttp($address) => new Unreachable(ConnectionError::Plain),
            ! $address->isSecure && ($isRejected || $error === ConnectionError::NoHttp) && $this->speaksTls($address) => new Unreachable(ConnectionError::Encrypted),
            default => $answer,
        };
    }

    public function post(Address $address, string $target, string $json, ?ClientInterface $client = null): Reply|Unreachable
    {
        return $this->send('POST', $address, $target, ['Content-Type' => 'application/json'], $json, $client);
    }

    public function upgrade(Address $address, string $target, array $headers): Reply|Unreachable
    {
        $webSocket = $this->open($address, $target, $headers);

        if (! $webSocket instanceof StreamWebSocket) {
            return $webSocket;
        }

        try {
            return $webSocket->answer();
        } finally {
            $webSocket->close();
        }
    }

    public function open(Address $address, string $target, array $headers): StreamWebSocket|Reply|Unreachable
    {
        return StreamWebSocket::open($address, $target, $headers + self::HEADERS, $this->seconds) ?? $this->get($address, $target, $headers);
    }

    /** Whether the address speaks plain HTTP. A server that expects TLS also answers a plain request: with 400. */
    private function speaksPlainHttp(Address $address): bool
    {
        $answer = $this->send('GET', $address->plain(), '/');

        return $answer instanceof Reply && $answer->status !== self::BAD_REQUEST;
    }

    private function speaksTls(Address $address): bool
    {
        $answer = $this->send('GET', $address->encrypted(), '/');

        return $answer instanceof Reply || $answer->error === ConnectionError::NoHttp;
    }

    /** @param  array<string, string>  $headers */
    private function send(string $method, Address $address, string $target, array $headers = [], ?string $body = null, ?ClientInterface $client = null): Reply|Unreachable
    {
        $begun = null;

        try {
            return self::reply(($client ?? new Client([RequestOptions::VERIFY => $address->verify]))->request($method, $address->url($target), [
                RequestOptions::HEADERS => $headers + self::HEADERS,
                RequestOptions::BODY => $body,
                RequestOptions::HTTP_ERRORS => false,
                RequestOptions::ON_HEADERS => static function (ResponseInterface $response) use (&$begun): void {
                    $begun = $response;
                },
                RequestOptions::ALLOW_REDIRECTS => false,
                RequestOptions::CONNECT_TIMEOUT => $this->seconds,
                RequestOptions::TIMEOUT => 2 * $this->seconds,
            ]));
        } catch (GuzzleException $exception) {
            return $begun === null ? $this->failures->explain($exception, $address) : self::reply($begun);
        }
    }

    private static function reply(ResponseInterface $response): Reply
    {
        $headers = array_map(static fn (array $values): string => implode(', ', $values), $response->getHeaders());

        return new Reply($response->getStatusCode(), array_change_key_case($headers), (string) $response->getBody(), microtime(true));
    }
}
