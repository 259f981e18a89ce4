<?php

declare(strict_types=1);

namespace Revurb\Tests\Server;

use PHPUnit\Framework\TestCase;
use Revurb\Server\Command;
use Revurb\Server\Line;
use Revurb\Server\PipedChild;
use Revurb\Server\SystemLauncher;

/**
 * With a real process at the other end.
 */
final class SystemChildTest extends TestCase
{
    private function launch(string $play, int $padding = 0): PipedChild
    {
        $document = json_encode(['play' => $play, 'padding' => str_repeat('x', $padding)], JSON_THROW_ON_ERROR);

        $child = (new SystemLauncher)->launch(new Command([PHP_BINARY, __DIR__.'/../Support/child.php'], __DIR__, ['PATH' => '/usr/bin:/bin'], $document));
        $this->assertInstanceOf(PipedChild::class, $child);

        return $child;
    }

    /** @return list<Line> */
    private function untilEnd(PipedChild $child): array
    {
        $lines = [];

        while ($child->exitCode() === null) {
            $lines = [...$lines, ...$child->wait(5)];
        }

        return $lines;
    }

    private function waitForReady(PipedChild $child): void
    {
        while ($child->wait(5) === []) {
            $this->assertNull($child->exitCode(), 'It ended too soon.');
        }
    }

    /** @param  list<Line>  $lines */
    private function text(array $lines): string
    {
        return implode("\n", array_map(static fn (Line $line): string => $line->text, $lines));
    }

    public function test_a_child_drains_when_its_stdin_is_closed(): void
    {
        $child = $this->launch('');
        $this->waitForReady($child);
        $this->assertTrue($child->write('{"command":"x"}'));
        $child->drain();

        $text = $this->text($this->untilEnd($child));

        $this->assertStringContainsString('heard {', $text);
        $this->assertStringContainsString('drained', $text);
        $this->assertSame(0, $child->exitCode());
        $this->assertFalse($child->write('too late'));
    }

    public function test_a_document_larger_than_a_pipe_arrives(): void
    {
        $child = $this->launch('', padding: 1_000_000);
        $this->waitForReady($child);
        $child->drain();
        $this->untilEnd($child);

        $this->assertSame(0, $child->exitCode());
    }

    public function test_a_drain_before_the_document_was_read_terminates_the_child(): void
    {
        $child = $this->launch('', padding: 3_000_000);
        $child->drain();
        $this->untilEnd($child);

        $this->assertContains($child->exitCode(), [0, 143]);
    }

    public function test_nothing_of_its_output_is_lost(): void
    {
        $lines = $this->untilEnd($this->launch('flood'));

        $this->assertCount(20_002, $lines);
        $this->assertSame('without an end', $lines[20_001]->text);
    }

    public function test_stderr_is_distinguished_from_stdout(): void
    {
        $child = $this->launch('crash early');
        $lines = $this->untilEnd($child);

        $this->assertEquals([new Line("an unexpected line\n", isError: true)], $lines);
        $this->assertSame(70, $child->exitCode());
    }

    public function test_the_signal_that_has_killed_a_child_is_in_its_exit_code(): void
    {
        $child = $this->launch('segfault');
        $this->untilEnd($child);

        $this->assertSame(128 + 11, $child->exitCode());
    }

    public function test_a_child_that_ignores_signals_can_be_killed(): void
    {
        $child = $this->launch('stubborn');
        $this->waitForReady($child);
        $child->drain();
        $this->assertSame([], $child->wait(0.1));
        $child->kill();
        $this->untilEnd($child);

        $this->assertSame(137, $child->exitCode());
    }

    public function test_waiting_for_a_child_uses_no_cpu(): void
    {
        $child = $this->launch('');
        $this->waitForReady($child);
        $before = $this->processorSeconds();
        $start = hrtime(true);
        $child->wait(0.5);

        $this->assertGreaterThan(0.45e9, hrtime(true) - $start);
        $this->assertLessThan(0.02, $this->processorSeconds() - $before);
        $child->drain();
        $this->untilEnd($child);
    }

    private function processorSeconds(): float
    {
        $usage = getrusage() ?: [];

        return ($usage['ru_utime.tv_sec'] ?? 0) + ($usage['ru_utime.tv_usec'] ?? 0) / 1e6;
    }

    public function test_a_child_has_only_the_environment_that_it_is_given(): void
    {
        putenv('REVERB_APP_SECRET=hush');

        try {
            $text = $this->text($this->untilEnd($this->launch('environment')));
        } finally {
            putenv('REVERB_APP_SECRET');
        }

        $this->assertStringNotContainsString('hush', $text);
        $this->assertStringContainsString('PATH=', $text);
        $this->assertStringContainsString('test\\/php\\/Server', $text);
    }
}
