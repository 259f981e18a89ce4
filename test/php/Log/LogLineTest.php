<?php

declare(strict_types=1);

namespace Revurb\Tests\Log;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Log\LogLine;
use Symfony\Component\Console\Output\BufferedOutput;

final class LogLineTest extends TestCase
{
    /** @param  array<array-key, mixed>  $entry */
    private function shown(array $entry): string
    {
        $output = new BufferedOutput(decorated: true);
        $output->writeln(LogLine::format($entry));

        return (string) preg_replace('/\e\[[0-9;]*m/', '', $output->fetch());
    }

    public function test_a_line_shows_time_level_message_and_context(): void
    {
        $shown = $this->shown(['time' => '2026-01-31T12:00:00.000Z', 'level' => 'warn', 'message' => 'slow', 'context' => ['app' => '1', 'bytes' => 5, 'list' => ['a/b']]]);

        $this->assertSame('  '.date('Y-m-d H:i:s', 1769860800)." WARN  slow app=1 bytes=5 list=[\"a/b\"]\n", $shown);
    }

    #[TestWith(['<fg=nosuch>oops</>'])]
    #[TestWith(['<error>a</error> <href=https://x.test>b</>'])]
    #[TestWith(['ends in a backslash \\'])]
    #[TestWith(['a \\<b> <'])]
    public function test_markup_of_clients_is_shown_as_text(string $text): void
    {
        $this->assertStringContainsString(" INFO  {$text} message={$text}\n", $this->shown(['level' => 'info', 'message' => $text, 'context' => ['message' => $text]]));
        $this->assertStringContainsString(strtoupper($text), $this->shown(['level' => $text]));
    }

    public function test_control_characters_are_made_visible(): void
    {
        $this->assertStringContainsString('a\x1b[31m\x07\x9b31m ü', $this->shown(['message' => "a\e[31m\x07\u{9b}31m ü"]));
    }

    public function test_text_of_clients_starts_no_line_and_changes_no_direction(): void
    {
        $text = "a\n  2026-01-31 12:00:00 ERROR forged\tb\r\u{202e}c\u{2066}d\u{200f}e\u{61c}f\u{2028}g…—h";
        $plain = 'a\n  2026-01-31 12:00:00 ERROR forged\tb\r\u{202e}c\u{2066}d\u{200f}e\u{061c}f\u{2028}g…—h';

        $this->assertStringContainsString("{$plain} text={$plain} {$plain}=1\n", $this->shown(['message' => $text, 'context' => ['text' => $text, $text => 1]]));
    }

    public function test_the_lines_of_a_stack_trace_are_indented(): void
    {
        $this->assertStringEndsWith("failed error=Error: x\e[1m\n      at a\n      at b\n", str_replace('\x1b', "\e", $this->shown(['message' => 'failed', 'context' => ['error' => "Error: x\e[1m\nat a\nat b"]])));
    }

    public function test_an_entry_is_one_line_of_json_in_ascii(): void
    {
        $entry = ['type' => 'log', 'time' => '2026-01-31T12:00:00.000Z', 'level' => 'warn', 'code' => 'a-code', 'message' => "a\u{202e}\n", 'context' => ['origin' => 'https://ü.test']];
        $json = LogLine::json($entry);

        $this->assertSame('{"type":"log","time":"2026-01-31T12:00:00.000Z","level":"warn","code":"a-code","message":"a\u202e\n","context":{"origin":"https://\u00fc.test"}}', $json);
        $this->assertSame($entry, json_decode($json, true));
    }

    public function test_json_always_has_time_level_and_message(): void
    {
        $shown = json_decode(LogLine::json(['level' => 5, 'message' => [], 'context' => ["\xff"]]), true);

        $this->assertIsArray($shown);
        $this->assertSame(['log', 'info', '', ["\u{fffd}"]], [$shown['type'], $shown['level'], $shown['message'], $shown['context']]);
        $this->assertMatchesRegularExpression('/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/', $shown['time']);
    }

    public function test_an_entry_has_no_empty_members(): void
    {
        $this->assertSame(['type', 'time', 'level', 'message'], array_keys(LogLine::entry('info', null, 'x')));
        $this->assertSame(['type', 'time', 'level', 'code', 'message', 'context'], array_keys(LogLine::entry('info', 'a-code', 'x', ['a' => 1])));
    }

    public function test_a_malformed_entry_is_shown(): void
    {
        $this->assertStringContainsString('INFO', $this->shown(['time' => 'never', 'level' => 5, 'message' => [], 'context' => 'x']));
    }

    #[TestWith(["It failed:\n  broken", 'It failed: broken.'])]
    #[TestWith(["It failed.\n", 'It failed.'])]
    public function test_a_sentence_is_one_line_with_one_full_stop(string $text, string $sentence): void
    {
        $this->assertSame($sentence, LogLine::sentence($text));
    }
}
