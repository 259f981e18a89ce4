<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use RuntimeException;

/**
 * The configured mirror is no place to get Bun from. Its value is not shown, since it may hold a password.
 */
final class UnusableMirror extends RuntimeException
{
    private const SHAPES = 'an http or https address, or the absolute path of a file, in either of which {version} and {target} stand for those of Bun';

    public static function noAddress(): self
    {
        return self::because('must be '.self::SHAPES);
    }

    public static function scheme(string $scheme): self
    {
        return self::because('must be '.self::SHAPES.", and begins with {$scheme}:");
    }

    public static function unknownPlaceholder(string $placeholder): self
    {
        return self::because("may contain {version} and {target}, and contains {$placeholder}");
    }

    private static function because(string $reason): self
    {
        return new self(Source::VARIABLE.' (config/reverb.php: '.Source::KEY.") {$reason}.");
    }
}
