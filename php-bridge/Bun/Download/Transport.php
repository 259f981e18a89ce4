<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

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
        $this->hasCurl = $hasCurl ?? function_exists('curl_exec');
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

    /** @return array<string, array<int, int>> options of Guzzle that end a transfer with cURL in which less than a byte a second arrives */
    public function stallOptions(int $seconds): array
    {
        return $this->hasCurl && defined('CURLOPT_LOW_SPEED_TIME') ? ['curl' => [CURLOPT_LOW_SPEED_LIMIT => 1, CURLOPT_LOW_SPEED_TIME => $seconds]] : [];
    }
}
