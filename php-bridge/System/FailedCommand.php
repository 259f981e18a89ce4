<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * Why a PHP command has failed, in one line, taken from its output: PHP writes a fatal error to both outputs and with a stack trace, and
 * Laravel draws an exception over several lines.
 */
final readonly class FailedCommand
{
    /** The first lines of Laravel's output for an exception are the file and the message. */
    private const LINES = 4;

    private const CHARACTERS = 500;

    public static function reason(int $code, string $output): string
    {
        $lines = array_values(array_filter(array_map(trim(...), explode("\n", $output)), static fn (string $line): bool => $line !== ''));
        $fatal = array_values(preg_grep('/^(PHP )?(Fatal|Parse) error: /', $lines) ?: []);
        $reason = (string) preg_replace('/\s+/', ' ', $fatal === [] ? implode(' ', array_slice($lines, 0, self::LINES)) : (string) preg_replace('/^PHP /', '', $fatal[0]));

        return $reason === '' ? "exit code {$code}" : mb_strimwidth(mb_scrub($reason), 0, self::CHARACTERS, '…');
    }
}
