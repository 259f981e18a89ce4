<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * Reads the fields of one event of the server. A missing text is empty, since a malformed event must not throw.
 */
final readonly class EventFields
{
    /**
     * @param  array<array-key, mixed>  $fields
     */
    public function __construct(private array $fields) {}

    public function text(string $name): string
    {
        $value = $this->fields[$name] ?? '';

        return is_string($value) ? $value : '';
    }

    public function textOrNull(string $name): ?string
    {
        $value = $this->fields[$name] ?? null;

        return is_string($value) ? $value : null;
    }

    /** A Unix time in seconds; the current time if the field is missing. */
    public function time(string $name): int
    {
        $value = $this->fields[$name] ?? null;

        return is_int($value) ? $value : time();
    }

    public function isTrue(string $name): bool
    {
        return ($this->fields[$name] ?? false) === true;
    }
}
