<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use Closure;
use GuzzleHttp\Psr7\FnStream;
use GuzzleHttp\Psr7\Utils;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\StreamInterface;
use Revurb\System\Clock;
use Throwable;

/**
 * Takes the bytes of a response as they arrive, with cURL as with PHP's own streams. Redirects and errors have bodies as well, which go
 * nowhere.
 */
final class Receiver
{
    public ?ResponseInterface $response = null;

    /** What the bytes have led to: an archive that cannot be unpacked, a full disk. */
    public ?Throwable $failure = null;

    public int $received = 0;

    /**
     * @param  Closure(string): void  $to
     * @param  float  $deadline  a time of the clock, after which nothing more is taken
     */
    public function __construct(
        private readonly string $source,
        private readonly Closure $to,
        private readonly Progress $progress,
        private readonly Clock $clock,
        private readonly float $deadline,
    ) {}

    /** Called for each answer: those of redirects, and with cURL that of a proxy to a tunnel. The last one is that of the file. */
    public function headers(ResponseInterface $response): void
    {
        $this->response = $response;
    }

    /** The length that the server has stated. */
    public function expected(): ?int
    {
        $length = $this->response?->getHeaderLine('Content-Length') ?? '';

        return ctype_digit($length) ? (int) $length : null;
    }

    public function isFile(): bool
    {
        return $this->response?->getStatusCode() === 200;
    }

    /** The stream into which Guzzle writes. */
    public function stream(): StreamInterface
    {
        return FnStream::decorate(Utils::streamFor(''), ['write' => $this->write(...)]);
    }

    private function write(string $bytes): int
    {
        if ($this->clock->now() > $this->deadline) {
            throw $this->failure = new FailedDownload("{$this->source} has not arrived within an hour");
        }

        if (! $this->isFile()) {
            return strlen($bytes);
        }

        try {
            if ($this->received === 0) {
                $this->progress->begin($this->source, $this->expected());
            }

            $this->received += strlen($bytes);
            ($this->to)($bytes);
            $this->progress->advance(strlen($bytes));
        } catch (Throwable $exception) {
            // Guzzle ends a transfer with it, but may wrap it.
            throw $this->failure ??= $exception;
        }

        return strlen($bytes);
    }
}
