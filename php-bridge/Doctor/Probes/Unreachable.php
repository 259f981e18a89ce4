<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

final readonly class Unreachable
{
    /** @param  string  $reason  the message of the operating system or of OpenSSL */
    public function __construct(
        public ConnectionError $error,
        public string $reason = '',
    ) {}
}
