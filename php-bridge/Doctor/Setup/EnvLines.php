<?php

declare(strict_types=1);

namespace Revurb\Doctor\Setup;

use Closure;

/**
 * The lines of the .env file, to say which of them is to be changed.
 */
final readonly class EnvLines
{
    private const FOR_BROWSERS = 'VITE_';

    /** @var list<string>|null null: there is no such file */
    private ?array $lines;

    /** @param  Closure(string): ?string  $given  the value of a variable as this process knows it */
    public function __construct(?string $text, private Closure $given)
    {
        $this->lines = $text === null ? null : explode("\n", $text);
    }

    /** As Laravel and Vite see it; null where it is not set, or empty. */
    public function value(string $name): ?string
    {
        $value = ($this->given)($name) ?? $this->resolved($name);

        return $value === '' ? null : $value;
    }

    /** Such as `.env:12 REVERB_PORT=8080`; a line that only repeats another variable leads to that one. */
    public function change(string $name, string $value): string
    {
        $again = str_starts_with($name, self::FOR_BROWSERS) ? ', and build the assets again (npm run build)' : '';

        return "{$this->place($this->origin($name))}={$value}{$again}";
    }

    /** Such as `.env:12 REVERB_PORT`. */
    public function place(string $name): string
    {
        $number = $this->number($name);

        return match (true) {
            $number !== null => ".env:{$number} {$name}",
            $this->lines !== null && ($this->given)($name) === null => ".env, a new line: {$name}",
            default => "the environment of this process: {$name}",
        };
    }

    private function origin(string $name): string
    {
        for ($i = 0; $i < 5 && preg_match('/^\$\{(\w+)\}$/', $this->written($name) ?? '', $other) === 1; $i++) {
            $name = $other[1];
        }

        return $name;
    }

    private function resolved(string $name): ?string
    {
        $origin = $this->origin($name);

        return $origin === $name ? $this->written($name) : $this->written($origin) ?? ($this->given)($origin);
    }

    private function written(string $name): ?string
    {
        $number = $this->number($name);

        return $number === null ? null : trim(explode('=', $this->lines[$number - 1] ?? '', 2)[1] ?? '', " \t\r\"'");
    }

    /** From 1. Of several, the last counts. */
    private function number(string $name): ?int
    {
        $lines = preg_grep('/^\s*(?:export\s+)?'.preg_quote($name, '/').'\s*=/', $this->lines ?? []) ?: [];

        return $lines === [] ? null : array_key_last($lines) + 1;
    }
}
