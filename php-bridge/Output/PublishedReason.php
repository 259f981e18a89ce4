<?php

declare(strict_types=1);

namespace Revurb\Output;

use Closure;

/**
 * Texts of exceptions and servers as they are published: in one line of bounded length, without secrets.
 */
final readonly class PublishedReason
{
    private const MAX_CHARACTERS = 500;

    /** @param  Closure(string): string  $mask  replaces secrets in a text */
    public function __construct(private Closure $mask) {}

    public function of(string $text): string
    {
        return mb_strimwidth(trim((string) preg_replace('/\s+/', ' ', ($this->mask)(mb_scrub($text)))), 0, self::MAX_CHARACTERS, '…');
    }
}
