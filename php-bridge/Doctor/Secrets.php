<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use SensitiveParameter;

/**
 * Secrets that no output may contain. They are masked in every text, since messages of exceptions come from other packages.
 */
final readonly class Secrets
{
    private const MASK = '********';

    /** Characters of the shortest secret that is masked; anything shorter occurs in every second word. */
    private const SHORTEST = 4;

    /** @var list<string> */
    private array $texts;

    /** @param  array<array-key, mixed>  $texts */
    public function __construct(#[SensitiveParameter] array $texts)
    {
        $this->texts = array_values(array_filter(
            array_map(static fn (mixed $text): string => is_scalar($text) ? (string) $text : '', $texts),
            static fn (string $text): bool => strlen($text) >= self::SHORTEST,
        ));
    }

    public function mask(string $text): string
    {
        return str_replace($this->texts, self::MASK, $text);
    }
}
