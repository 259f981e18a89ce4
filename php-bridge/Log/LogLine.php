<?php

declare(strict_types=1);

namespace Revurb\Log;

use DateTimeImmutable;
use DateTimeZone;
use Exception;
use Symfony\Component\Console\Formatter\OutputFormatter;

/**
 * Formats a log entry as one line: console markup for people, or JSON. Clients write much of its text, so it is escaped and control
 * characters are made visible.
 */
final readonly class LogLine
{
    private const COLOURS = ['debug' => 'gray', 'info' => 'green', 'warn' => 'yellow', 'error' => 'red'];

    /** Control characters, line and paragraph separators, and marks that change the direction of text. */
    private const CONTROLS = '/[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]/';

    /**
     * The context field that may span several lines, since a stack trace is readable only in lines. They are indented, so that none of them
     * looks like a log entry.
     */
    private const LINES_OF = 'error';

    private const INDENT = "\n      ";

    /**
     * @param  array<array-key, mixed>  $context
     * @return array<string, mixed> as docs/bridge.md has it
     */
    public static function entry(string $level, ?string $code, string $message, array $context = []): array
    {
        $entry = ['type' => 'log', 'time' => self::timestamp(), 'level' => $level, 'code' => $code, 'message' => $message, 'context' => $context];

        return array_filter($entry, static fn (mixed $value): bool => $value !== null && $value !== []);
    }

    /** @param  array<array-key, mixed>  $entry  docs/bridge.md */
    public static function format(array $entry): string
    {
        $level = self::level($entry);
        $context = is_array($entry['context'] ?? null) ? self::context($entry['context']) : '';

        return sprintf(
            '  <fg=gray>%s</> <fg=%s>%s</> %s%s',
            self::localTime($entry['time'] ?? null),
            self::COLOURS[$level] ?? 'default',
            self::markup(str_pad(strtoupper($level), 5)),
            self::markup(self::message($entry)),
            $context === '' ? '' : ' <fg=gray>'.OutputFormatter::escape($context).'</>',
        );
    }

    /** @param  array<array-key, mixed>  $entry  docs/bridge.md */
    public static function json(array $entry): string
    {
        $entry = ['type' => 'log', ...$entry, 'level' => self::level($entry), 'message' => self::message($entry)];
        $entry['time'] ??= self::timestamp();

        // Everything beyond ASCII is escaped, so that a terminal finds no control character in it.
        return (string) json_encode($entry, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
    }

    /** Replaces control characters by `\x1b` or `\u{202e}`. */
    public static function plain(string $text): string
    {
        return preg_replace_callback(self::CONTROLS, static fn (array $found): string => self::visible($found[0]), $text) ?? '';
    }

    /** Like `plain`, and escaped for a console that reads markup. */
    public static function markup(string $text): string
    {
        return OutputFormatter::escape(self::plain($text));
    }

    /** Like `plain`, for each line of the text. */
    public static function plainLines(string $text): string
    {
        return implode("\n", array_map(self::plain(...), explode("\n", $text)));
    }

    /** The text in one line that ends with a full stop. */
    public static function sentence(string $text): string
    {
        return rtrim((string) preg_replace('/\s+/', ' ', $text), ' .').'.';
    }

    private static function visible(string $character): string
    {
        $code = mb_ord($character, 'UTF-8');

        return match (true) {
            $character === "\n" => '\n',
            $character === "\t" => '\t',
            $character === "\r" => '\r',
            default => sprintf($code < 0x100 ? '\x%02x' : '\u{%04x}', $code),
        };
    }

    /** @param  array<array-key, mixed>  $entry */
    private static function level(array $entry): string
    {
        return is_string($entry['level'] ?? null) ? $entry['level'] : 'info';
    }

    /** @param  array<array-key, mixed>  $entry */
    private static function message(array $entry): string
    {
        return is_string($entry['message'] ?? null) ? $entry['message'] : '';
    }

    /** @param  array<array-key, mixed>  $context */
    private static function context(array $context): string
    {
        $parts = [];

        foreach ($context as $name => $value) {
            $text = is_string($value) ? $value : (string) json_encode($value, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
            $parts[] = self::plain((string) $name).'='.($name === self::LINES_OF ? str_replace("\n", self::INDENT, self::plainLines($text)) : self::plain($text));
        }

        return implode(' ', $parts);
    }

    /** The current time in UTC, as the server writes it. */
    private static function timestamp(): string
    {
        return (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.v\Z');
    }

    /** A time in the time zone of the application. */
    private static function localTime(mixed $time): string
    {
        try {
            $moment = new DateTimeImmutable(is_string($time) ? $time : 'now');
        } catch (Exception) {
            $moment = new DateTimeImmutable;
        }

        return date('Y-m-d H:i:s', $moment->getTimestamp());
    }
}
