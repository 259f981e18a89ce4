<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * Options of the command line, which win over the configuration.
 */
final readonly class Overrides
{
    public function __construct(
        public ?string $host = null,
        public ?string $port = null,
        public ?string $path = null,
        public ?string $hostname = null,
        public bool $debug = false,
    ) {}

    /** @return array<string, string|true> those that were given, from which `fromOptions` makes the same again */
    public function toOptions(): array
    {
        return array_filter(get_object_vars($this), static fn (mixed $value): bool => $value !== null && $value !== false);
    }

    /**
     * An empty option counts as not given, as in Reverb.
     *
     * @param  array<array-key, mixed>  $options
     */
    public static function fromOptions(array $options): self
    {
        $text = static fn (string $name): ?string => is_string($options[$name] ?? null) && $options[$name] !== '' ? $options[$name] : null;

        return new self($text('host'), $text('port'), $text('path'), $text('hostname'), (bool) ($options['debug'] ?? false));
    }
}
