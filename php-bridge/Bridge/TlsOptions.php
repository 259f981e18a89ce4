<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * PHP's SSL context options for a process that runs in another directory. Without a certificate, that of Herd or Valet for the public name
 * is used.
 */
final readonly class TlsOptions
{
    private const FILES = ['local_cert', 'local_pk', 'cafile'];

    /** Options for which PHP takes every text for true, `off` too. */
    private const BOOLEANS = ['verify_peer', 'verify_peer_name', 'allow_self_signed'];

    private const CERTIFICATES = ['Library/Application Support/Herd/config/valet/Certificates', '.config/herd/config/valet/Certificates', '.config/valet/Certificates'];

    public function __construct(
        private string $basePath,
        private ?string $home,
    ) {}

    /**
     * @param  array<array-key, mixed>  $context
     * @return array<array-key, mixed>|null null for plain HTTP: as with Reverb, a certificate or a key turns TLS on
     */
    public function resolve(array $context, ?string $hostname): ?array
    {
        $context = $this->readable($context);

        if (! isset($context['local_cert']) && ! isset($context['local_pk'])) {
            $certificate = $hostname === null ? null : $this->certificateFor($hostname);

            return $certificate === null ? null : [...$context, ...$certificate];
        }

        return $context;
    }

    /**
     * The options without empty values, with absolute paths, and with booleans for texts such as `off`.
     *
     * @param  array<array-key, mixed>  $context
     * @return array<array-key, mixed>
     */
    public function readable(array $context): array
    {
        $context = array_filter($context, static fn (mixed $value): bool => $value !== null && $value !== '' && $value !== []);

        foreach (self::FILES as $name) {
            if (is_string($context[$name] ?? null)) {
                $context[$name] = $this->absolute($context[$name]);
            }
        }

        foreach (self::BOOLEANS as $name) {
            if (is_string($context[$name] ?? null)) {
                $context[$name] = filter_var($context[$name], FILTER_VALIDATE_BOOL, FILTER_NULL_ON_FAILURE) ?? $context[$name];
            }
        }

        return $context;
    }

    /** A file that does not exist is passed on as it is; the server reports it. */
    private function absolute(string $file): string
    {
        $candidate = $this->basePath.'/'.$file;

        return ! str_starts_with($file, '/') && is_file($candidate) ? $candidate : $file;
    }

    /** @return array{local_cert: string, local_pk: string}|null */
    private function certificateFor(string $hostname): ?array
    {
        $name = parse_url($hostname, PHP_URL_HOST) ?: $hostname;

        foreach ($this->home === null || str_contains($name, '/') ? [] : self::CERTIFICATES as $folder) {
            $stem = "{$this->home}/{$folder}/{$name}";

            if (is_file("{$stem}.crt") && is_file("{$stem}.key")) {
                return ['local_cert' => "{$stem}.crt", 'local_pk' => "{$stem}.key"];
            }
        }

        return null;
    }
}
