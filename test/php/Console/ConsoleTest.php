<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\RequiresPhpExtension;
use PHPUnit\Framework\TestCase;
use Revurb\Console\Console;
use RuntimeException;
use Symfony\Component\Console\Output\BufferedOutput;
use Symfony\Component\Console\Output\OutputInterface;
use Symfony\Component\Console\Output\StreamOutput;

/**
 * With a real pipe, which the test reads at a moment of its own choice.
 */
#[RequiresPhpExtension('posix')]
final class ConsoleTest extends TestCase
{
    private const LINE_BYTES = 1000;

    private const TIMEOUT_SECONDS = 20;

    private string $pipe = '';

    protected function setUp(): void
    {
        $this->pipe = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        posix_mkfifo($this->pipe, 0600);
    }

    protected function tearDown(): void
    {
        unlink($this->pipe);
    }

    /** @return array{Console, resource} and the other end */
    private function console(): array
    {
        $read = fopen($this->pipe, 'r+') ?: throw new RuntimeException('The pipe cannot be opened.');
        $write = fopen($this->pipe, 'w') ?: throw new RuntimeException('The pipe cannot be opened.');
        stream_set_blocking($read, false);

        return [new Console(new StreamOutput($write), static fn (int $count): string => "{$count} dropped\n"), $read];
    }

    private function line(int $i): string
    {
        return str_pad((string) $i, self::LINE_BYTES - 1, '.')."\n";
    }

    public function test_a_pipe_that_is_read_gets_text_at_once_with_markup_or_without(): void
    {
        [$console, $read] = $this->console();
        $console->write("<fg=red>a</>\n");
        $console->write("<fg=red>b</>\n", isRaw: true);

        $this->assertSame("a\n<fg=red>b</>\n", fread($read, 1000));
        $this->assertTrue($console->flush());
    }

    public function test_a_pipe_that_is_not_read_blocks_nothing_and_later_gets_the_queue_and_the_number_of_dropped_lines(): void
    {
        [$console, $read] = $this->console();
        $begin = hrtime(true);

        for ($i = 0; $i < 2000; $i++) {
            $console->write($this->line($i));
        }

        $this->assertLessThan(10e9, hrtime(true) - $begin);
        // Not even what would have room: the lines keep their order.
        $console->write("short\n");
        $this->assertFalse($console->flush());
        $this->assertFalse($console->flush(0.01));
        $output = '';

        for ($i = 0; $i < 1000; $i++) {
            $output .= stream_get_contents($read);
            $console->flush();
        }

        $output .= stream_get_contents($read);
        $lines = explode("\n", rtrim($output));
        $dropped = (int) array_pop($lines);

        $this->assertSame(2001, count($lines) + $dropped);
        // 64 KiB in the pipe and 1 MiB here.
        $this->assertEqualsWithDelta((65_536 + 1_048_576) / self::LINE_BYTES, count($lines), 20);
        $this->assertSame(rtrim($this->line(count($lines) - 1)), end($lines));
        $console->write("again\n");
        $this->assertSame("again\n", fread($read, 100));
    }

    public function test_a_queue_whose_reader_has_closed_its_end_is_discarded(): void
    {
        [$console, $read] = $this->console();
        fclose($read);

        for ($i = 0; $i < 5; $i++) {
            $console->write($this->line($i));
        }

        $this->assertTrue($console->flush());
    }

    public function test_stderr_is_written_while_stdout_is_not_read(): void
    {
        $process = proc_open([PHP_BINARY, __DIR__.'/../Support/terminal.php'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes) ?: throw new RuntimeException('It cannot be started.');
        $errors = '';

        try {
            while (! str_ends_with($errors, "the last line\n") && $this->canRead($pipes[2])) {
                $errors .= fread($pipes[2], 65_536);
            }

            $this->assertStringEndsWith("the last line\n", $errors);
            $this->assertGreaterThan(200_000, strlen((string) stream_get_contents($pipes[1])));
        } finally {
            proc_terminate($process, SIGKILL);
        }
    }

    /** @param  resource  $pipe */
    private function canRead($pipe): bool
    {
        $read = [$pipe];
        $none = [];

        return stream_select($read, $none, $none, self::TIMEOUT_SECONDS) === 1 && ! feof($pipe);
    }

    public function test_an_output_without_a_descriptor_writes_itself_and_a_quiet_one_writes_nothing(): void
    {
        $buffer = new BufferedOutput;
        $console = new Console($buffer, static fn (int $count): string => '');
        $console->write("<fg=red>a</>\n");
        $this->assertSame("a\n", $buffer->fetch());
        $this->assertTrue($console->flush());

        $read = fopen($this->pipe, 'r+') ?: throw new RuntimeException('The pipe cannot be opened.');
        stream_set_blocking($read, false);
        $quiet = new Console(new StreamOutput($read, OutputInterface::VERBOSITY_QUIET), static fn (int $count): string => '');
        $quiet->write("a\n");
        $this->assertSame('', stream_get_contents($read));
    }
}
