<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\OutputStyle;
use Illuminate\Console\View\Components\Factory;
use Revurb\Process\Display;
use Revurb\Process\Line;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Shows on the console what the supervisor and the server say.
 */
final readonly class Terminal implements Display
{
    public function __construct(
        private OutputStyle $output,
        private Factory $components,
        private string $path,
        private string $hostname,
        private ?string $certificate,
    ) {}

    public function ready(string $host, int $port, bool $isSecure): void
    {
        $secure = $isSecure ? 'secure ' : '';
        $name = $this->hostname === '' || $this->hostname === $host ? '' : " ({$this->hostname})";

        $this->components->info("Starting {$secure}server on {$host}:{$port}{$this->path}{$name}");

        if ($isSecure && $this->certificate !== null) {
            $this->components->twoColumnDetail('Certificate', OutputFormatter::escape($this->certificate));
        }
    }

    public function log(array $entry): void
    {
        $this->output->writeln(LogLine::format($entry));
    }

    public function passOn(Line $line): void
    {
        if ($line->isError) {
            $this->output->getErrorStyle()->write($line->text, false, OutputInterface::OUTPUT_RAW);
        } else {
            $this->output->writeln(LogLine::plain($line->text), OutputInterface::OUTPUT_RAW);
        }
    }

    public function info(string $sentence): void
    {
        $this->components->info(OutputFormatter::escape($sentence));
    }

    public function warn(string $sentence): void
    {
        $this->components->warn(OutputFormatter::escape($sentence));
    }

    public function error(string $sentence): void
    {
        $this->components->error(OutputFormatter::escape($sentence));
    }
}
