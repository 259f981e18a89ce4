<?php

declare(strict_types=1);

namespace Revurb\Environment;

use SensitiveParameter;

/**
 * Writes values into an .env file so that phpdotenv and Vite read the same.
 */
final class EnvValue
{
    /**
     * Vite supports no escape but `\n`, `\r` and `\$`, and expands a dollar sign in any quotes; phpdotenv supports none in single quotes. A
     * value that has both kinds of quotes, or a dollar sign beside a double quote or a backslash, cannot be written for both: then it is
     * written for phpdotenv.
     */
    public static function quoted(#[SensitiveParameter] string $value): string
    {
        return match (true) {
            preg_match('~\A[\w.:/@%+,=?&;|*!^<>-]*\z~', $value) === 1 => $value,
            preg_match('~\A[^\'$\r\n]*\z~', $value) === 1 && preg_match('~["\\\\]~', $value) === 1 => "'{$value}'",
            default => '"'.strtr($value, ['\\' => '\\\\', '"' => '\\"', '$' => '\\$', "\n" => '\\n', "\r" => '\\r']).'"',
        };
    }

    /** Whether Laravel and Vite both read back the value that `quoted()` writes, and a reference to it too. */
    public static function isReadAlike(string $value): bool
    {
        return ViteValues::of(['VALUE='.self::quoted($value)."\nAGAIN=\"\${VALUE}\""], [])['AGAIN'] === $value;
    }

    /** A reference to the value of another variable. */
    public static function reference(string $name): string
    {
        return "\"\${{$name}}\"";
    }
}
