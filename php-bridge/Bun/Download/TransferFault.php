<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use GuzzleHttp\Exception\GuzzleException;
use Revurb\Bun\Megabytes;
use Revurb\System\CurlError;

/**
 * Explains why a download has failed: by the number that cURL has for it (https://curl.se/libcurl/c/libcurl-errors.html), or by the status
 * of the answer. Without the extension curl, the reason is what PHP says when it is asked to connect again.
 */
final readonly class TransferFault
{
    /** To ask again why there is no connection. */
    private const CONNECT_SECONDS = 5.0;

    private const UNKNOWN_PROXY = 5;

    /** Also the number where a proxy refuses a tunnel to an address with https. */
    private const NOT_RECEIVED = 56;

    /** Characters of the shortest secret that is masked wherever it is; anything shorter occurs in every second word. */
    private const SHORTEST_SECRET = 4;

    public function explain(GuzzleException $exception, Source $source, string $host, Receiver $receiver, Transport $transport): string
    {
        $error = CurlError::of($exception);
        $number = $error->number;
        $proxy = Proxy::of($source);
        $isConnected = $number !== null || $receiver->response !== null;
        $connection = $isConnected ? null : $this->connectionFault($source, $host, $proxy, $transport);
        $reason = $this->reason((string) ($isConnected ? $error->reason : $connection), $source, $proxy);
        $isRefused = $proxy !== null && $source->isSecure() && ! $receiver->isFile() && ($number === self::NOT_RECEIVED || ($number === null && $connection === null));
        $status = $receiver->response?->getStatusCode() ?? 0;
        $end = $reason === '' ? '' : " ({$reason})";
        $address = $source->shown();
        $by = $proxy === null ? '' : " through the proxy {$proxy->shown}";

        return match (true) {
            $status >= 300 && $status < 400 => "{$address} redirects".' to an address '.($source->isSecure() ? 'without https' : 'that is neither http nor https').', or too often',
            // The answer of a proxy to a tunnel has the status of a file as well, and no byte.
            $receiver->received > 0 && $number !== CurlError::TIMED_OUT => $this->cut($source, $receiver->received, $receiver->expected()).$end,
            $isRefused => "The proxy {$proxy->shown} refuses the connection to {$host}{$end}: if it demands a user name and a password, they belong into {$proxy->variable}",
            $number === CurlError::TIMED_OUT => $receiver->received > 0 ? "{$address} has stopped sending after ".Megabytes::of($receiver->received) : "{$host} does not answer{$by}{$end}",
            $number === self::UNKNOWN_PROXY => "The proxy {$proxy?->shown} is unknown{$end}: correct {$proxy?->variable}",
            $number === CurlError::UNKNOWN_HOST => "{$host} cannot be found in DNS: this machine has no internet, or has to use a proxy (HTTPS_PROXY)",
            $number === CurlError::NO_CONNECTION, ! $isConnected => "{$host} cannot be connected to{$by}{$end}",
            $number !== null && in_array($number, [...CurlError::TLS, ...CurlError::CERTIFICATE], true) => "The TLS connection to {$host}{$by} has failed{$end}",
            default => "{$address} cannot be downloaded{$by}{$end}",
        };
    }

    /** Why there is no connection to the host or the proxy, as far as that can be found out; null: there is one. */
    private function connectionFault(Source $source, string $host, ?Proxy $proxy, Transport $transport): ?string
    {
        $port = $host === $source->host() ? parse_url((string) $source->url, PHP_URL_PORT) : null;
        $port = is_int($port) ? $port : ($source->isSecure() ? 443 : 80);

        return $transport->connectionFault($proxy->shown ?? "{$host}:{$port}", $proxy === null && $source->isSecure(), self::CONNECT_SECONDS);
    }

    /** Why the answer is not the file. */
    public function answer(Source $source, string $host, int $status): string
    {
        $from = $host === $source->host() ? $source->shown() : "{$source->shown()}, which redirects to {$host},";
        $proxy = Proxy::of($source);

        return match (true) {
            $status === 407 => 'The proxy '.($proxy->shown ?? 'of this network').' has answered 407 and demands a user name and a password, which belong into '.($proxy->variable ?? 'HTTP_PROXY'),
            $status === 401, $status === 403 => "{$from} has answered {$status}: it may need a user name and a password, or be blocked in this network",
            $status === 404 => "{$from} has answered 404: there is no such file",
            $status >= 500 => "{$from} has answered {$status}: it has a fault of its own, and may work later",
            default => "{$from} has answered {$status} and not with a file",
        };
    }

    public function cut(Source $source, int $received, ?int $expected): string
    {
        return "{$source->shown()} was cut off after ".Megabytes::of($received).($expected === null ? '' : ' of '.Megabytes::of($expected));
    }

    /** One line, without credentials. */
    private function reason(string $reason, Source $source, ?Proxy $proxy): string
    {
        $secrets = array_filter([...$source->credentials ?? [], ...$proxy->secrets ?? []], static fn (string $secret): bool => strlen($secret) >= self::SHORTEST_SECRET);
        $masked = (string) preg_replace('#//[^/\s]*@#', '//***@', str_replace([...$secrets, ...array_map(rawurlencode(...), $secrets)], '***', $reason));
        $line = trim((string) preg_replace('/\s+/', ' ', $masked));

        return rtrim(mb_strimwidth(mb_scrub($line), 0, 200, '…'), '. ');
    }
}
