<?php

declare(strict_types=1);

namespace Revurb\System;

use Throwable;

/**
 * What cURL has said, read from the message of Guzzle's exception: Guzzle 8 has it nowhere else.
 */
final readonly class CurlError
{
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
