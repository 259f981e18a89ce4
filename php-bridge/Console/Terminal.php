<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\OutputStyle;
use Revurb\Bridge\Document;
use Revurb\Doctor\Secrets;
use Revurb\Log\LogLine;
use Revurb\Output\Display;
use Revurb\Server\Line;
use Symfony\Component\Console\Output\ConsoleOutputInterface;

/**
 * Writes the log of the supervisor and the server to the console, and to a log channel of the application if one is configured.
 */
final readonly class Terminal implements Display
{
    private const STARTED = 'server-started';

    private const CERTIFICATE = 'banner-certificate';

    private const CHANNEL_FAILED = 'log-channel-failed';

    private const DROPPED = 'log-lines-dropped';

    /** Codes of output of the server process that is not in the contract. */
    private const STDOUT = 'server-output';

    private const STDERR = 'server-stderr';

    /** Bytes of such a line that are shown. */
    private const SHOWN_BYTES = 2000;

    /** Seconds for a slow console to read what is queued when this process exits or replaces itself. */
    private const LAST_SECONDS = 0.5;

    private Secrets $secrets;

    /** @param  Document|null  $document  of the server; null until it is written */
    private function __construct(
        private Console $out,
        private Console $err,
        private LogFormat $format,
        private ?LogChannel $channel,
        private ?Document $document = null,
    ) {
        $this->secrets = new Secrets($document?->secrets() ?? []);
    }

    public static function on(OutputStyle $output, LogFormat $format, ?LogChannel $channel = null): self
    {
        $stdout = $output->getOutput();
        $stderr = $stdout instanceof ConsoleOutputInterface ? $stdout->getErrorOutput() : $stdout;
        $dropped = static fn (int $count): array => LogLine::entry('warn', self::DROPPED, 'Lines of the log were dropped: the terminal or the program that reads the log has stopped reading', ['count' => $count]);
        $line = static fn (int $count): string => $format === LogFormat::Json ? LogLine::json($dropped($count))."\n" : $stdout->getFormatter()->format(LogLine::format($dropped($count)))."\n";

        return new self(new Console($stdout, $line, '/proc/self/fd/1'), new Console($stderr, $line, '/proc/self/fd/2'), $format, $channel);
    }

    public function of(Document $document): self
    {
        return new self($this->out, $this->err, $this->format, $this->channel, $document);
    }

    public function flush(): bool
    {
        $isOutDone = $this->out->flush();

        return $this->err->flush() && $isOutDone;
    }

    public function finish(): void
    {
        $this->out->flush(self::LAST_SECONDS);
        $this->err->flush(self::LAST_SECONDS);
    }

    /** Written to the console in the form of Reverb, by which scripts recognise that the server listens. */
    public function ready(string $host, int $port, bool $isSecure): void
    {
        $path = $this->document?->serverText('path') ?? '';
        $hostname = $this->document?->serverText('hostname') ?? '';
        $name = $hostname === '' || $hostname === $host ? '' : " ({$hostname})";
        $sentence = 'Starting '.($isSecure ? 'secure ' : '')."server on {$host}:{$port}{$path}{$name}";
        $entry = LogLine::entry('info', self::STARTED, $sentence);

        if ($this->format === LogFormat::Json) {
            $this->write($entry);
        } else {
            // Written as Laravel's components do, whose templates may be gone when a server is started again.
            $this->out->write("\n  <bg=blue;fg=white> INFO </> ".LogLine::markup($sentence).".  \n\n");
        }

        $this->copy($entry);

        if ($isSecure && ($certificate = $this->document?->certificate()) !== null) {
            $this->info("Certificate: {$certificate}", self::CERTIFICATE);
        }
    }

    public function log(array $entry): void
    {
        $this->write($entry);
        $this->copy($entry);
    }

    public function passThrough(Line $line): void
    {
        $isText = $this->format === LogFormat::Text;
        $masked = $this->secrets->mask($line->text);

        // stderr may be a stack trace, in pieces of several lines.
        if ($line->isError && $isText) {
            $this->err->write(LogLine::plainLines($masked), isRaw: true);
        }

        foreach (array_filter(explode("\n", $masked), static fn (string $text): bool => trim($text) !== '') as $text) {
            $text = mb_strcut($text, 0, self::SHOWN_BYTES, 'UTF-8');
            $entry = $line->isError ? LogLine::entry('error', self::STDERR, $text) : LogLine::entry('info', self::STDOUT, $text);

            if (! $line->isError || ! $isText) {
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
            $this->out->write(LogLine::json($entry)."\n", isRaw: true);
        } else {
            $this->out->write(LogLine::format($entry)."\n");
        }
    }

    /** @param  array<array-key, mixed>  $entry */
    private function copy(array $entry): void
    {
        $fault = $this->channel?->write($entry);

        if ($fault !== null) {
            $this->write(LogLine::entry('warn', self::CHANNEL_FAILED, 'The log channel servers.reverb.revurb.log_channel (REVURB_LOG_CHANNEL) does not accept entries; the server continues to run.', ['reason' => $fault]));
        }
    }
}
