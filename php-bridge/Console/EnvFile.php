<?php

declare(strict_types=1);

namespace Revurb\Console;

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

    /** Of lines that say it twice Laravel obeys the last. */
    public function value(string $name): ?string
    {
        preg_match_all('/^[ \t]*(?:export[ \t]+)?'.preg_quote($name, '/').'[ \t]*=[ \t]*(.*?)[ \t]*\r?$/m', $this->text, $found);

        return $found[1] === [] ? null : trim(end($found[1]), '"\'');
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
