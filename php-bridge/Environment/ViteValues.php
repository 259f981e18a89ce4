<?php

declare(strict_types=1);

namespace Revurb\Environment;

/**
 * The variables of .env files as Vite has them when it builds the assets: parsed as dotenv does, and expanded as
 * dotenv-expand does (https://vite.dev/guide/env-and-mode).
 *
 * It differs from Laravel in this: `$NAME` is expanded too, a variable may be defined after its use, one that is not defined
 * is empty, and a value without quotes may have blanks in it.
 */
final class ViteValues
{
    /** That of dotenv, whose `\s` and `$` mean the same here. */
    private const LINE = <<<'REGEX'
        /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/m
        REGEX;

    private const REFERENCE = '/(?<!\\\\)\$\{([^{}]+)\}|(?<!\\\\)\$([A-Za-z_][A-Za-z0-9_]*)/';

    /** `${NAME:-default}` and its kin. */
    private const OPERATOR = '/:\+|\+|:-|-/';

    /** References that lead to one another in a circle would be followed for ever. */
    private const MAX_EXPANSIONS = 100;

    /**
     * @param  list<string>  $texts  of the files, the one that counts most last
     * @param  array<string, string>  $outer  the environment of the process, which counts more than any file
     * @return array<string, string>
     */
    public static function of(array $texts, array $outer): array
    {
        $values = [];

        foreach ($texts as $text) {
            $values = [...$values, ...self::parse($text)];
        }

        foreach ($values as $name => $value) {
            $given = $outer[$name] ?? '';
            $value = $given !== '' && $given !== $value ? $given : self::expand($value, $values, $outer);
            $values[$name] = str_replace('\\$', '$', $value);
        }

        return [...$values, ...$outer];
    }

    /** @return array<string, string> */
    private static function parse(string $text): array
    {
        preg_match_all(self::LINE, (string) preg_replace('/\r\n?/', "\n", $text), $lines, PREG_SET_ORDER);
        $values = [];

        foreach ($lines as $line) {
            $written = trim($line[2] ?? '');
            $value = (string) preg_replace('/^([\'"`])(.*)\1$/ms', '$2', $written);
            $values[$line[1]] = str_starts_with($written, '"') ? strtr($value, ['\n' => "\n", '\r' => "\r"]) : $value;
        }

        return $values;
    }

    /**
     * @param  array<string, string>  $values
     * @param  array<string, string>  $outer
     */
    private static function expand(string $value, array $values, array $outer): string
    {
        $known = [...$values, ...$outer];
        $seen = [];

        for ($i = 0; $i < self::MAX_EXPANSIONS && preg_match(self::REFERENCE, $value, $found) === 1; $i++) {
            $seen[] = $value;
            $template = $found[0];
            $expression = $found[2] ?? $found[1];
            $operator = preg_match(self::OPERATOR, $expression, $first) === 1 ? $first[0] : '';
            [$name, $default] = $operator === '' ? [$expression, ''] : explode($operator, $expression, 2);
            $other = $known[$name] ?? '';

            if ($operator === ':+' || $operator === '+') {
                [$other, $default] = ['', $other === '' ? '' : $default];
            }

            $new = $other === '' || in_array($other, $seen, true) ? $default : $other;
            $value = self::replaceFirst($value, $template, $new);

            if ($value === ($values[$name] ?? null)) {
                break;
            }
        }

        return $value;
    }

    /** As JavaScript's `replace`, to which a few texts with a dollar sign mean something else than themselves. */
    private static function replaceFirst(string $text, string $template, string $new): string
    {
        $start = (int) strpos($text, $template);
        $before = substr($text, 0, $start);
        $behind = substr($text, $start + strlen($template));

        return $before.strtr($new, ['$$' => '$', '$&' => $template, '$`' => $before, "$'" => $behind]).$behind;
    }
}
