<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

final readonly class Unreachable
{
    /** @param  string  $reason  in the operating system's words, or OpenSSL's */
    public function __construct(
        public ConnectionError $error,
        public string $reason = '',
    ) {}
}
