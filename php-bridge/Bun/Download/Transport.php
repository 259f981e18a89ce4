<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use Revurb\System\Warnings;

/**
 * What this PHP can download with: Guzzle uses the extension curl, and without it PHP's own streams, which need openssl for https.
 */
final readonly class Transport
{
    private bool $hasCurl;

    private bool $hasStreams;

    private bool $hasOpenssl;

    public function __construct(?bool $hasCurl = null, ?bool $hasStreams = null, ?bool $hasOpenssl = null)
    {
        $this->hasCurl = $hasCurl ?? (function_exists('curl_exec') || function_exists('curl_multi_exec'));
        $this->hasStreams = $hasStreams ?? (bool) ini_get('allow_url_fopen');
        $this->hasOpenssl = $hasOpenssl ?? in_array('https', stream_get_wrappers(), true);
    }

    /** Why this PHP cannot download, or null. */
    public function missing(bool $isSecure): ?string
    {
        return match (true) {
            $this->hasCurl => null,
            ! $this->hasStreams => 'this PHP has no extension curl, and allow_url_fopen is off in its php.ini',
            $isSecure && ! $this->hasOpenssl => 'this PHP has neither the extension curl nor openssl, one of which https needs',
            default => null,
        };
    }

    /**
     * Options of Guzzle that depend on what it uses.
     *
     * @param  bool  $isPlainByProxy  whether the address has no TLS, and a proxy
     * @return array<string, array<array-key, mixed>>
     */
    public function options(int $stallSeconds, bool $isPlainByProxy): array
    {
        return match (true) {
            // cURL ends a transfer in which less than a byte a second arrives.
            $this->hasCurl && defined('CURLOPT_LOW_SPEED_TIME') => ['curl' => [CURLOPT_LOW_SPEED_LIMIT => 1, CURLOPT_LOW_SPEED_TIME => $stallSeconds]],
            // PHP's streams tell a proxy the whole address only if they are told to, and in a tunnel they must not.
            ! $this->hasCurl && $isPlainByProxy => ['stream_context' => ['http' => ['request_fulluri' => true]]],
            default => [],
        };
    }

    /** Why no connection can be had, where Guzzle does not tell, as it does with cURL alone; null: it can. */
    public function connectionFault(string $authority, bool $isSecure, float $seconds): ?string
    {
        $stream = @stream_socket_client("tcp://{$authority}", $number, $reason, $seconds);

        if ($stream === false) {
            return trim((string) preg_replace('/^php_network_getaddresses: /', '', (string) $reason));
        }

        fclose($stream);

        if (! $isSecure) {
            return null;
        }

        [$encrypted, $warnings] = Warnings::during(static fn () => stream_socket_client("tls://{$authority}", timeout: $seconds));

        // The first warning has the reason, such as "certificate verify failed", behind the numbers of OpenSSL.
        return $encrypted !== false && fclose($encrypted) ? null : trim((string) preg_replace('/^.*?error:[0-9A-F]+:|^stream_socket_client\(\): /s', '', $warnings[0] ?? ''));
    }
}
