<?php

declare(strict_types=1);

namespace Revurb\Console;

use Revurb\Bun\Download\Progress;
use Revurb\Bun\Megabytes;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Helper\ProgressBar;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Shows a download as a bar on a terminal, and as a line at its start and its end in a log file.
 */
final class DownloadProgress implements Progress
{
    /** Seconds between two drawings of the bar, so that a slow terminal does not slow the download. */
    private const REDRAW_SECONDS = 0.1;

    private ?ProgressBar $bar = null;

    private bool $hasBegun = false;

    private int $received = 0;

    public function __construct(private readonly OutputInterface $output) {}

    public function begin(string $source, ?int $bytes): void
    {
        $this->hasBegun = true;
        $this->received = 0;
        $size = $bytes === null ? '' : ' ('.Megabytes::of($bytes).')';
        $this->output->writeln('  Downloading '.OutputFormatter::escape($source).$size);

        if ($this->output->isDecorated() && ! $this->output->isQuiet()) {
            $this->bar = new ProgressBar($this->output, $bytes ?? 0, self::REDRAW_SECONDS);
            $this->bar->setPlaceholderFormatter('megabytes', static fn (ProgressBar $bar): string => Megabytes::of($bar->getProgress()));
            $this->bar->setFormat($bytes === null ? '  [%bar%] %megabytes%' : '  [%bar%] %percent:3s%%  %megabytes%');
            $this->bar->start();
        }
    }

    public function advance(int $bytes): void
    {
        $this->received += $bytes;
        $this->bar?->advance($bytes);
    }

    public function end(): void
    {
        if ($this->bar !== null) {
            $this->bar->display();
            $this->output->writeln('');
        } elseif ($this->hasBegun) {
            $this->output->writeln('  '.Megabytes::of($this->received).' received');
        }

        $this->bar = null;
        $this->hasBegun = false;
    }
}
