<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * The fields of one event from the wire. A missing text is empty: what the server says is not worth an exception.
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

    /** A Unix time in seconds; now where there is none. */
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
