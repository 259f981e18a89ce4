<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\TlsOptions;
use Revurb\Bun\BunRelease;

/**
 * The values for the files of containers: what is in the images, and how the server in them is asked for its health.
 */
final readonly class ImageValues
{
    public function __construct(
        private BunRelease $bun,
        private PhpExtensions $extensions,
        private ReverbConfig $config,
        private TlsOptions $tls,
    ) {}

    /** @return array<string, string> */
    public function all(): array
    {
        $scheme = $this->speaksTls() ? 'https' : 'http';

        return [
            'bun_version' => $this->bun->version,
            'php_version' => PHP_MAJOR_VERSION.'.'.PHP_MINOR_VERSION.'.'.PHP_RELEASE_VERSION,
            'scheme' => $scheme,
            // As Kubernetes writes it.
            'probe_scheme' => strtoupper($scheme),
            ...$this->extensions->values(),
        ];
    }

    /** By the certificate of the configuration alone: a container has none of Herd or Valet. */
    private function speaksTls(): bool
    {
        $options = $this->config->server()['options'] ?? null;
        $tls = is_array($options) ? $options['tls'] ?? null : null;

        return is_array($tls) && $this->tls->resolve($tls, hostname: null) !== null;
    }
}
