<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use Revurb\Bridge\ListenHost;

/**
 * The address of a server, and the prefix of its paths.
 */
final readonly class Address
{
    public string $path;

    /** @param  bool  $verify  whether the certificate is verified */
    public function __construct(
        public bool $isSecure,
        public string $host,
        public int $port,
        string $path = '',
        public bool $verify = true,
    ) {
        $bare = trim($path, '/');
        $this->path = $bare === '' ? '' : "/{$bare}";
    }

    /** The address by which this machine reaches a server that listens on this host. */
    public static function here(bool $isSecure, string $host, int $port, string $path): self
    {
        // The certificate is for the public name, so it is not verified here.
        return new self($isSecure, ListenHost::reachable($host), $port, $path, verify: false);
    }

    public function unverified(): self
    {
        return new self($this->isSecure, $this->host, $this->port, $this->path, verify: false);
    }

    public function encrypted(): self
    {
        return new self(true, $this->host, $this->port, $this->path, verify: false);
    }

    public function plain(): self
    {
        return new self(false, $this->host, $this->port, $this->path);
    }

    /** Host and port, such as `localhost:8080`. */
    public function authority(): string
    {
        $host = str_contains($this->host, ':') ? "[{$this->host}]" : $this->host;

        return "{$host}:{$this->port}";
    }

    /** The Host header of clients: without the default port of the scheme. */
    public function hostHeader(): string
    {
        return $this->port === ($this->isSecure ? 443 : 80) ? (string) preg_replace('/:\d+$/', '', $this->authority()) : $this->authority();
    }

    /** @param  'http'|'ws'  $scheme */
    public function url(string $path = '', string $scheme = 'http'): string
    {
        return $scheme.($this->isSecure ? 's' : '')."://{$this->authority()}{$this->path}{$path}";
    }

    public function isLocal(): bool
    {
        return $this->host === 'localhost' || $this->host === '::1' || str_starts_with($this->host, '127.');
    }
}
