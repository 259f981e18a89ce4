<?php

declare(strict_types=1);

namespace Revurb\Console;

use DateTimeImmutable;
use Exception;
use Symfony\Component\Console\Formatter\OutputFormatter;

/**
 * One log entry as one line of console markup. Much of its text was written by clients, so it is escaped, and control
 * characters are made visible: a terminal would obey them.
 */
final readonly class LogLine
{
    private const COLOURS = ['debug' => 'gray', 'info' => 'green', 'warn' => 'yellow', 'error' => 'red'];

    /** @param  array<array-key, mixed>  $entry  docs/bridge.md */
    public static function format(array $entry): string
    {
        $level = is_string($entry['level'] ?? null) ? $entry['level'] : 'info';
        $colour = self::COLOURS[$level] ?? 'default';
        $message = is_string($entry['message'] ?? null) ? $entry['message'] : '';
        $context = is_array($entry['context'] ?? null) ? self::context($entry['context']) : '';

        return sprintf(
            '  <fg=gray>%s</> <fg=%s>%s</> %s%s',
            self::time($entry['time'] ?? null),
            $colour,
            self::escape(str_pad(strtoupper($level), 5)),
            self::escape($message),
            $context === '' ? '' : ' <fg=gray>'.self::escape($context).'</>',
        );
    }

    /** Without markup, and without anything that a terminal obeys. */
    public static function plain(string $text): string
    {
        return preg_replace_callback(
            '/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/',
            static fn (array $control): string => sprintf('\x%02x', ord(substr($control[0], -1))),
            $text,
        ) ?? '';
    }

    private static function escape(string $text): string
    {
        return OutputFormatter::escape(self::plain($text));
    }

    /** @param  array<array-key, mixed>  $context */
    private static function context(array $context): string
    {
        $parts = [];

        foreach ($context as $name => $value) {
            $parts[] = $name.'='.(is_string($value) ? $value : json_encode($value, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE));
        }

        return implode(' ', $parts);
    }

    /** In the zone of whoever reads. */
    private static function time(mixed $time): string
    {
        try {
            $moment = new DateTimeImmutable(is_string($time) ? $time : 'now');
        } catch (Exception) {
            $moment = new DateTimeImmutable;
        }

        return date('Y-m-d H:i:s', $moment->getTimestamp());
    }
}
