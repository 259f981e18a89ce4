<?php

declare(strict_types=1);

namespace Revurb\Environment;

/**
 * A line that phpdotenv refuses. Laravel does not start with it, unless its configuration is cached.
 */
final readonly class EnvFault
{
    /** @param  string  $reason  in the words of phpdotenv, without the value, which may be a secret */
    public function __construct(
        public int $line,
        public string $reason,
    ) {}
}
