<?php

declare(strict_types=1);

namespace Revurb\System;

use Throwable;

/**
 * What cURL has said, read from the message of Guzzle's exception: Guzzle 8 has it nowhere else.
 */
final readonly class CurlError
{
    public const UNKNOWN_HOST = 6;

    public const NO_CONNECTION = 7;

    public const TIMED_OUT = 28;

    /** TLS: the handshake, the engine, the ciphers, the version. */
    public const TLS = [35, 53, 54, 59, 64, 66, 80];

    /** The certificate of the other side, that of this one, the file of authorities, the issuer, and whether it was revoked. */
    public const CERTIFICATE = [51, 58, 60, 77, 82, 83, 91];

    /**
     * @param  int|null  $number  https://curl.se/libcurl/c/libcurl-errors.html; null: it is no error of cURL
     * @param  string  $reason  the whole message where it is none
     */
    private function __construct(public ?int $number, public string $reason) {}

    public static function of(Throwable $exception): self
    {
        $isCurl = preg_match('/^cURL error (\d+): (.*?) \(see https?:/s', $exception->getMessage(), $parts) === 1;

        return $isCurl ? new self((int) $parts[1], $parts[2]) : new self(null, $exception->getMessage());
    }
}
