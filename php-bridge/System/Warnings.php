<?php

declare(strict_types=1);

namespace Revurb\System;

use Closure;

/**
 * Catches the warnings of PHP functions, which alone have the reason of a failure. `error_get_last` has none of them where an error handler
 * is set, as that of Laravel is.
 */
final readonly class Warnings
{
    /**
     * @template T
     *
     * @param  Closure(): T  $do
     * @return array{T, list<string>} what it returns, and the warnings
     */
    public static function during(Closure $do): array
    {
        $warnings = [];
        set_error_handler(static function (int $level, string $warning) use (&$warnings): bool {
            $warnings[] = $warning;

            return true;
        });

        try {
            return [$do(), $warnings];
        } finally {
            restore_error_handler();
        }
    }
}
