<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\OutputStyle;
use Revurb\Bridge\Document;
use Revurb\Process\Display;
use Revurb\Process\Line;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Writes the log of the supervisor and the server to the console, and to a log channel of the application where one is configured.
 */
final readonly class Terminal implements Display
{
    private const STARTED = 'server-started';

    private const CHANNEL_FAILED = 'log-channel-failed';

    /** Of a terminal that is not wider than usual. */
    private const COLUMNS = 80;

    /** Output of the server's process that is not of the contract. */
    private const STDOUT = 'server-output';

    private const STDERR = 'server-stderr';

    /** @param  Document|null  $document  of the server; null until it is written */
    public function __construct(
        private OutputStyle $output,
        private LogFormat $format,
        private ?LogChannel $channel = null,
        private ?Document $document = null,
    ) {}

    public function of(Document $document): self
    {
        return new self($this->output, $this->format, $this->channel, $document);
    }

    /** On the console in the form of Reverb, by which scripts recognise that the server listens. */
    public function ready(string $host, int $port, bool $isSecure): void
    {
        $path = $this->document?->serverText('path', '') ?? '';
        $hostname = $this->document?->serverText('hostname', '') ?? '';
        $certificate = $isSecure ? $this->document?->certificate() : null;
        $name = $hostname === '' || $hostname === $host ? '' : " ({$hostname})";
        $sentence = 'Starting '.($isSecure ? 'secure ' : '')."server on {$host}:{$port}{$path}{$name}";
        $entry = LogLine::entry('info', self::STARTED, $sentence, $certificate === null ? [] : ['certificate' => $certificate]);

        if ($this->format === LogFormat::Json) {
            $this->write($entry);
        } else {
            $this->writeBanner($sentence, $certificate);
        }

        $this->copy($entry);
    }

    /** As Laravel's components write it, whose templates may be gone when a server is started again. */
    private function writeBanner(string $sentence, ?string $certificate): void
    {
        $this->output->writeln(['', '  <bg=blue;fg=white> INFO </> '.OutputFormatter::escape($sentence).'.  ', '']);

        if ($certificate !== null) {
            $dots = str_repeat('.', max(1, self::COLUMNS - strlen("  Certificate  {$certificate}  ")));
            $this->output->writeln(['  Certificate <fg=gray>'.$dots.'</> '.OutputFormatter::escape($certificate).'  ', '']);
        }
    }

    public function log(array $entry): void
    {
        $this->write($entry);
        $this->copy($entry);
    }

    public function passOn(Line $line): void
    {
        if ($this->format === LogFormat::Text && $line->isError) {
            $this->output->getErrorStyle()->write(LogLine::plainLines($line->text), false, OutputInterface::OUTPUT_RAW);
        } elseif ($this->format === LogFormat::Text) {
            $this->output->writeln(LogLine::plain($line->text), OutputInterface::OUTPUT_RAW);
        }

        // stderr comes in pieces of several lines.
        foreach (array_filter(explode("\n", $line->text), static fn (string $text): bool => trim($text) !== '') as $text) {
            $entry = $line->isError ? LogLine::entry('error', self::STDERR, $text) : LogLine::entry('info', self::STDOUT, $text);

            if ($this->format === LogFormat::Json) {
                $this->write($entry);
            }

            $this->copy($entry);
        }
    }

    public function info(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->log(LogLine::entry('info', $code, $sentence, $context));
    }

    public function warn(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->log(LogLine::entry('warn', $code, $sentence, $context));
    }

    public function error(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->log(LogLine::entry('error', $code, $sentence, $context));
    }

    /** @param  array<array-key, mixed>  $entry */
    private function write(array $entry): void
    {
        if ($this->format === LogFormat::Json) {
            $this->output->writeln(LogLine::json($entry), OutputInterface::OUTPUT_RAW);
        } else {
            $this->output->writeln(LogLine::format($entry));
        }
    }

    /** @param  array<array-key, mixed>  $entry */
    private function copy(array $entry): void
    {
        $fault = $this->channel?->write($entry);

        if ($fault !== null) {
            $this->write(LogLine::entry('warn', self::CHANNEL_FAILED, 'The log channel servers.reverb.revurb.log_channel (REVURB_LOG_CHANNEL) takes no entries; the server goes on.', ['reason' => $fault]));
        }
    }
}
