<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Console\LogLine;
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

    public function test_it_shows_time_level_message_and_context(): void
    {
        $shown = $this->shown(['time' => '2026-01-31T12:00:00.000Z', 'level' => 'warn', 'message' => 'slow', 'context' => ['app' => '1', 'bytes' => 5, 'list' => ['a/b']]]);

        $this->assertSame('  '.date('Y-m-d H:i:s', 1769860800)." WARN  slow app=1 bytes=5 list=[\"a/b\"]\n", $shown);
    }

    #[TestWith(['<fg=nosuch>oops</>'])]
    #[TestWith(['<error>a</error> <href=https://x.test>b</>'])]
    #[TestWith(['ends in a backslash \\'])]
    #[TestWith(['a \\<b> <'])]
    public function test_markup_of_clients_is_shown_as_it_is(string $text): void
    {
        $this->assertStringContainsString(" INFO  {$text} message={$text}\n", $this->shown(['level' => 'info', 'message' => $text, 'context' => ['message' => $text]]));
        $this->assertStringContainsString(strtoupper($text), $this->shown(['level' => $text]));
    }

    public function test_control_characters_are_made_visible(): void
    {
        $this->assertStringContainsString('a\x1b[31m\x07\x9b31m ü', $this->shown(['message' => "a\e[31m\x07\u{9b}31m ü"]));
    }

    public function test_an_entry_of_nonsense_is_shown_too(): void
    {
        $this->assertStringContainsString('INFO', $this->shown(['time' => 'never', 'level' => 5, 'message' => [], 'context' => 'x']));
    }
}
