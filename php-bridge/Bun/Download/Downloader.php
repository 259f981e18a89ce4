<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use Closure;
use GuzzleHttp\Client;
use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\RequestOptions;
use Revurb\System\Clock;
use Revurb\System\SystemClock;
use Throwable;

/**
 * Reads an archive from its source, piece by piece.
 */
final readonly class Downloader
{
    private const CONNECT_SECONDS = 15;

    /** For 50 MB at 14 kB a second; a server that sends a byte a second does not stall. */
    private const DOWNLOAD_SECONDS = 3600;

    private const REDIRECTS = 5;

    private const PIECE_BYTES = 65_536;

    /**
     * @param  int  $stallSeconds  for which no byte may arrive
     * @param  array<string, mixed>  $options  of Guzzle's client, for tests
     */
    public function __construct(
        private TransferFault $faults = new TransferFault,
        private Transport $transport = new Transport,
        private int $stallSeconds = 30,
        private array $options = [],
        private Clock $clock = new SystemClock,
    ) {}

    /**
     * @param  Closure(string): void  $to  gets the pieces; what it throws ends the download and is thrown on
     *
     * @throws FailedDownload
     */
    public function fetch(Source $source, Closure $to, Progress $progress): void
    {
        try {
            $source->file === null ? $this->download($source, new Receiver($source->shown(), $to, $progress, $this->clock, $this->clock->now() + self::DOWNLOAD_SECONDS)) : $this->read($source->file, $to, $progress);
        } finally {
            $progress->end();
        }
    }

    private function download(Source $source, Receiver $receiver): void
    {
        if (($missing = $this->transport->missing($source->isSecure())) !== null) {
            throw new FailedDownload("{$source->shown()} cannot be downloaded, since {$missing}");
        }

        $host = $source->host();

        try {
            (new Client($this->options))->request('GET', (string) $source->url, [
                RequestOptions::SINK => $receiver->stream(),
                RequestOptions::ON_HEADERS => $receiver->headers(...),
                // cURL calls it once a second also while nothing arrives, and PHP calls signal handlers only then.
                RequestOptions::PROGRESS => static function (): void {},
                RequestOptions::HTTP_ERRORS => false,
                RequestOptions::DECODE_CONTENT => false,
                RequestOptions::CONNECT_TIMEOUT => self::CONNECT_SECONDS,
                RequestOptions::READ_TIMEOUT => $this->stallSeconds,
                RequestOptions::TIMEOUT => 0,
                RequestOptions::PROXY => Proxy::options(),
                RequestOptions::HEADERS => ['User-Agent' => 'revurb', 'Accept' => '*/*'],
                RequestOptions::ALLOW_REDIRECTS => [
                    'max' => self::REDIRECTS,
                    'protocols' => $source->isSecure() ? ['https'] : ['http', 'https'],
                    'on_redirect' => static function ($request, $response, $uri) use (&$host): void {
                        $host = $uri->getHost();
                    },
                ],
                ...$source->credentials === null ? [] : [RequestOptions::AUTH => $source->credentials],
                ...$this->transport->options($this->stallSeconds, ! $source->isSecure() && Proxy::of($source) !== null),
            ]);
        } catch (GuzzleException $exception) {
            throw $receiver->failure ?? new FailedDownload($this->faults->explain($exception, $source, $host, $receiver, $this->transport));
        } catch (Throwable $exception) {
            throw $receiver->failure ?? $exception;
        }

        if (! $receiver->isFile()) {
            throw new FailedDownload($this->faults->answer($source, $host, $receiver->response?->getStatusCode() ?? 0));
        }

        if ($receiver->expected() !== null && $receiver->received < $receiver->expected()) {
            throw new FailedDownload($this->faults->cut($source, $receiver->received, $receiver->expected()));
        }
    }

    /** @param  Closure(string): void  $to */
    private function read(string $file, Closure $to, Progress $progress): void
    {
        $stream = is_dir($file) ? false : @fopen($file, 'rb');

        if ($stream === false) {
            throw new FailedDownload(match (true) {
                is_dir($file) => "{$file} is a folder, and ".Source::VARIABLE.' has to name the archive in it',
                ! file_exists($file) => "{$file} (".Source::VARIABLE.') is not there',
                default => "{$file} (".Source::VARIABLE.') cannot be read by this user',
            });
        }

        try {
            $progress->begin($file, filesize($file) ?: null);

            while (! feof($stream)) {
                $piece = fread($stream, self::PIECE_BYTES);

                if ($piece === false) {
                    throw new FailedDownload("{$file} cannot be read to its end");
                }

                $to($piece);
                $progress->advance(strlen($piece));
            }
        } finally {
            fclose($stream);
        }
    }
}
