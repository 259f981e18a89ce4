<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

final readonly class Unreachable
{
    /** @param  string  $reason  in the operating system's words, or OpenSSL's */
    public function __construct(
        public Trouble $trouble,
        public string $reason = '',
    ) {}
}
