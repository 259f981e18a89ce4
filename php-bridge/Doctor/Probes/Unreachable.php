<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

final readonly class Unreachable
{
    /** @param  string  $reason  the message of the operating system or of OpenSSL; empty if a program was silent that has accepted the connection */
    public function __construct(
        public ConnectionError $error,
        public string $reason = '',
    ) {}

    /** Whether a program has accepted the connection. */
    public function isListening(): bool
    {
        return match ($this->error) {
            ConnectionError::UnknownHost, ConnectionError::Refused => false,
            ConnectionError::Silent => $this->reason === '',
            default => true,
        };
    }
}
