<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * The texts of one event from the wire. A missing one is empty: what the server says is not worth an exception.
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
}
