<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Illuminate\Filesystem\Filesystem;
use OpenSSLCertificateSigningRequest;
use Revurb\Tests\Support\Port;
use RuntimeException;
use Symfony\Component\Process\Process;

/**
 * Debian's nginx, with a configuration, a port and a folder of its own.
 */
final class Nginx
{
    public const BINARY = '/usr/sbin/nginx';

    public readonly int $port;

    private readonly string $folder;

    private readonly Process $process;

    /**
     * @param  string  $server  what goes into its `server` block
     * @param  string  $listen  what goes behind the port
     */
    public function __construct(string $server, string $listen = '')
    {
        $this->port = Port::free();
        $this->folder = sys_get_temp_dir().'/revurb-nginx-'.bin2hex(random_bytes(6));
        mkdir($this->folder);

        $temporary = implode("\n", array_map(
            fn (string $kind): string => "{$kind}_temp_path {$this->folder}/{$kind};",
            ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'],
        ));

        file_put_contents("{$this->folder}/nginx.conf", <<<CONF
            daemon off;
            master_process off;
            pid {$this->folder}/nginx.pid;
            error_log {$this->folder}/error.log;
            events {}
            http {
                access_log off;
                {$temporary}
                server {
                    listen 127.0.0.1:{$this->port} {$listen};
                    {$server}
                }
            }
            CONF);

        $this->process = new Process([self::BINARY, '-p', $this->folder, '-e', "{$this->folder}/error.log", '-c', "{$this->folder}/nginx.conf"]);
        $this->process->start();
        $this->waitForPort();
    }

    public function stop(): void
    {
        $this->process->stop(5);
        (new Filesystem)->deleteDirectory($this->folder);
    }

    /** Makes one for localhost in that folder; what it returns goes into a `server` block. */
    public static function certificate(string $folder): string
    {
        $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']) ?: throw new RuntimeException('There is no key.');
        $request = openssl_csr_new(['commonName' => 'localhost'], $key);
        $certificate = $request instanceof OpenSSLCertificateSigningRequest ? openssl_csr_sign($request, null, $key, 1) : false;
        openssl_x509_export_to_file($certificate ?: throw new RuntimeException('There is no certificate.'), "{$folder}/cert.pem");
        openssl_pkey_export_to_file($key, "{$folder}/key.pem");

        return "ssl_certificate {$folder}/cert.pem; ssl_certificate_key {$folder}/key.pem;";
    }

    private function waitForPort(): void
    {
        for ($i = 0; $i < 500; $i++) {
            $socket = @stream_socket_client("tcp://127.0.0.1:{$this->port}", timeout: 1);

            if ($socket !== false) {
                fclose($socket);

                return;
            }

            if (! $this->process->isRunning()) {
                break;
            }

            usleep(20_000);
        }

        throw new RuntimeException("nginx did not start: {$this->process->getErrorOutput()}".@file_get_contents("{$this->folder}/error.log"));
    }
}
