<?php

declare(strict_types=1);

namespace Revurb\Console;

use Revurb\Environment\Environment;

/**
 * The text of an .env file, to which names are only ever added.
 */
final class EnvFile
{
    private readonly string $end;

    public function __construct(private string $text)
    {
        $this->end = str_contains($text, "\r\n") ? "\r\n" : "\n";
    }

    /** A name without a value is there all the same: somebody left it empty. */
    public function has(string $name): bool
    {
        return $this->value($name) !== null;
    }

    /** As Laravel reads it; empty: the line is there, and has no value. */
    public function value(string $name): ?string
    {
        $environment = Environment::ofText($this->text);

        return $environment->file?->definition($name) === null ? null : $environment->laravel($name) ?? '';
    }

    /** @param  array<string, string>  $lines  name → value, as it is to be written */
    public function add(array $lines): void
    {
        if ($lines === []) {
            return;
        }

        $block = array_map(static fn (string $name, string $value): string => "{$name}={$value}", array_keys($lines), $lines);
        $above = rtrim($this->text);

        $this->text = ($above === '' ? '' : $above.$this->end.$this->end).implode($this->end, $block).$this->end;
    }

    public function text(): string
    {
        return $this->text;
    }
}
