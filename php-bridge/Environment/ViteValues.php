<?php

declare(strict_types=1);

namespace Revurb\Environment;

/**
 * The variables of .env files as Vite reads them when it builds the assets: parsed as dotenv does, and expanded as dotenv-expand does
 * (https://vite.dev/guide/env-and-mode).
 *
 * It differs from Laravel: `$NAME` is expanded too, a variable may be defined after its use, an undefined one is empty, and a value without
 * quotes may contain blanks.
 */
final class ViteValues
{
    /** The expression of dotenv, in which `\s` and `$` mean the same in PHP. */
    private const LINE = <<<'REGEX'
        /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/m
        REGEX;

    private const REFERENCE = '/(?<!\\\\)\$\{([^{}]+)\}|(?<!\\\\)\$([A-Za-z_][A-Za-z0-9_]*)/';

    /** Operators of `${NAME:-default}` and similar expressions. */
    private const OPERATOR = '/:\+|\+|:-|-/';

    /** Expansions of one value. Circular references would never end. */
    private const MAX_EXPANSIONS = 100;

    /**
     * @param  list<string>  $texts  texts of the files; later ones win
     * @param  array<string, string>  $outer  the environment of the process, which wins over files
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

    /** Replaces as JavaScript's `replace` does, to which some texts with a dollar sign have a special meaning. */
    private static function replaceFirst(string $text, string $template, string $new): string
    {
        $start = (int) strpos($text, $template);
        $before = substr($text, 0, $start);
        $behind = substr($text, $start + strlen($template));

        return $before.strtr($new, ['$$' => '$', '$&' => $template, '$`' => $before, "$'" => $behind]).$behind;
    }
}
