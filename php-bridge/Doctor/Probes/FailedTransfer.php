<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use GuzzleHttp\Exception\GuzzleException;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\SystemError;
use Revurb\System\CurlError;

/**
 * Explains why Guzzle has no response, by the number that cURL has for it (https://curl.se/libcurl/c/libcurl-errors.html), and without the
 * extension curl, by asking the address again.
 */
final readonly class FailedTransfer
{
    /** @param  float  $seconds  for a connection */
    public function __construct(private float $seconds) {}

    public function explain(GuzzleException $exception, Address $address): Unreachable
    {
        $fault = CurlError::of($exception);
        [$number, $reason] = [$fault->number, $fault->reason];

        return match (true) {
            $number === null => $this->withoutNumber($address, $reason),
            $number === CurlError::UNKNOWN_HOST => new Unreachable(ConnectionError::UnknownHost, $reason),
            $number === CurlError::NO_CONNECTION => $this->unconnected($address) ?? new Unreachable(ConnectionError::Refused, $reason),
            $number === CurlError::TIMED_OUT => $this->unconnected($address) ?? new Unreachable(ConnectionError::Silent),
            in_array($number, CurlError::CERTIFICATE, true) => new Unreachable(ConnectionError::Certificate, $reason),
            in_array($number, CurlError::TLS, true) => new Unreachable(ConnectionError::Tls, $reason),
            // It was cut off, or what has arrived is no HTTP.
            default => new Unreachable(ConnectionError::NoHttp, $reason),
        };
    }

    /** PHP's own streams know no number for what fails after the connection. */
    private function withoutNumber(Address $address, string $reason): Unreachable
    {
        return $this->unconnected($address) ?? new Unreachable(match (true) {
            ! $address->isSecure => ConnectionError::NoHttp,
            $this->isEncrypted($address) => ConnectionError::Certificate,
            default => ConnectionError::Tls,
        }, $reason);
    }

    /** Why there is no connection, by the number of the operating system, for several of which cURL has one; null if there is one. */
    private function unconnected(Address $address): ?Unreachable
    {
        $stream = @stream_socket_client("tcp://{$address->authority()}", $number, $reason, $this->seconds);

        if ($stream !== false) {
            fclose($stream);

            return null;
        }

        return new Unreachable(match (true) {
            SystemError::tryFromNumber((int) $number) === SystemError::ConnectionRefused => ConnectionError::Refused,
            // A name that cannot be resolved is no error of the operating system.
            (int) $number === 0 => ConnectionError::UnknownHost,
            default => ConnectionError::Silent,
        }, (string) $reason);
    }

    /** Whether a TLS connection is possible where no certificate is verified. */
    private function isEncrypted(Address $address): bool
    {
        $context = stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]]);
        $stream = @stream_socket_client("tls://{$address->authority()}", timeout: $this->seconds, context: $context);

        return $stream !== false && fclose($stream);
    }
}
