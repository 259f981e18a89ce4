<?php

declare(strict_types=1);

namespace Revurb\Environment;

/**
 * A line that phpdotenv rejects. Laravel does not boot with it, unless its configuration is cached.
 */
final readonly class EnvFault
{
    /** @param  string  $reason  the message of phpdotenv, without the value, which may be a secret */
    public function __construct(
        public int $line,
        public string $reason,
    ) {}
}
