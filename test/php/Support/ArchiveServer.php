<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use RuntimeException;
use Symfony\Component\Process\InputStream;
use Symfony\Component\Process\Process;

/**
 * The server of `archive-server.php` as a process.
 */
final class ArchiveServer
{
    public readonly int $port;

    private readonly Process $process;

    /**
     * @param  string  $folder  whose files it serves
     * @param  string  $certificate  a PEM file, for https
     * @param  int|null  $proxy  the status with which it answers as a proxy; 200: it is one
     */
    public function __construct(string $folder, string $certificate = '', ?int $proxy = null)
    {
        $this->process = new Process([PHP_BINARY, __DIR__.'/archive-server.php', $folder, $certificate, (string) $proxy], timeout: null, input: new InputStream);
        $this->process->start();
        $this->process->waitUntil(static fn (string $type, string $output): bool => str_contains($output, "\n"));
        $this->port = (int) $this->process->getOutput();

        if ($this->port === 0) {
            throw new RuntimeException("The server has not started: {$this->process->getErrorOutput()}");
        }
    }

    public function url(string $path, string $scheme = 'http'): string
    {
        return "{$scheme}://127.0.0.1:{$this->port}/{$path}";
    }

    /** @return list<string> each request that has arrived: method, target, and credentials */
    public function requests(): array
    {
        return array_slice(explode("\n", rtrim($this->process->getOutput())), 1);
    }

    public function stop(): void
    {
        $this->process->stop(0);
    }

    /** A certificate for 127.0.0.1 that no authority has signed, with its key. */
    public static function certificate(string $file): string
    {
        $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);

        if ($key === false || ! ($request = openssl_csr_new(['commonName' => '127.0.0.1'], $key)) instanceof \OpenSSLCertificateSigningRequest || ($certificate = openssl_csr_sign($request, null, $key, 1)) === false) {
            throw new RuntimeException('No certificate can be made.');
        }

        openssl_x509_export($certificate, $text);
        openssl_pkey_export($key, $keyText);
        file_put_contents($file, $text.$keyText);

        return $file;
    }
}
