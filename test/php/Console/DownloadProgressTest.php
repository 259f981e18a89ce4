<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\TestCase;
use Revurb\Console\DownloadProgress;
use Symfony\Component\Console\Output\BufferedOutput;
use Symfony\Component\Console\Output\OutputInterface;

final class DownloadProgressTest extends TestCase
{
    private static function shown(BufferedOutput $output, ?int $bytes, int ...$pieces): string
    {
        $progress = new DownloadProgress($output);
        $progress->begin('https://mirror.test/<b>.zip', $bytes);

        foreach ($pieces as $piece) {
            $progress->advance($piece);
        }

        $progress->end();

        return $output->fetch();
    }

    public function test_a_terminal_has_a_bar(): void
    {
        $shown = self::shown(new BufferedOutput(decorated: true), 50_000_000, 10_000_000, 15_000_000);

        $this->assertStringContainsString("Downloading https://mirror.test/<b>.zip (50.0 MB)\n", $shown);
        $this->assertMatchesRegularExpression('/\[=+>-+\]  50%  25\.0 MB\n$/', $shown);
    }

    public function test_a_bar_has_no_end_where_the_server_states_no_length(): void
    {
        $shown = self::shown(new BufferedOutput(decorated: true), null, 10_000_000);

        $this->assertStringContainsString("Downloading https://mirror.test/<b>.zip\n", $shown);
        $this->assertMatchesRegularExpression('/\] 10\.0 MB\n$/', $shown);
    }

    public function test_a_log_file_has_a_line_at_the_start_and_one_at_the_end(): void
    {
        $this->assertSame("  Downloading https://mirror.test/<b>.zip (50.0 MB)\n  25.0 MB received\n", self::shown(new BufferedOutput, 50_000_000, 10_000_000, 15_000_000));
    }

    public function test_nothing_is_shown_when_quiet(): void
    {
        $this->assertSame('', self::shown(new BufferedOutput(OutputInterface::VERBOSITY_QUIET, true), 50_000_000, 10_000_000));
    }

    public function test_a_download_that_has_not_begun_has_no_end(): void
    {
        (new DownloadProgress($output = new BufferedOutput))->end();

        $this->assertSame('', $output->fetch());
    }
}
