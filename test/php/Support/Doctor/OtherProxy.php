<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Illuminate\Filesystem\Filesystem;
use Revurb\Tests\Support\Port;
use RuntimeException;
use Symfony\Component\Process\Process;

/**
 * Debian's Caddy, Apache or HAProxy, with a configuration, a port and a folder of its own.
 */
final class OtherProxy
{
    public const BINARIES = ['caddy' => '/usr/bin/caddy', 'apache' => '/usr/sbin/apache2', 'haproxy' => '/usr/sbin/haproxy'];

    private const TIMEOUT_SECONDS = 60;

    public readonly int $port;

    private readonly string $folder;

    private readonly Process $process;

    /**
     * @param  'caddy'|'apache'|'haproxy'  $kind
     * @param  string  $rules  what goes into the block of the site, or behind the frontend's address
     */
    public function __construct(string $kind, string $rules)
    {
        $this->port = Port::free();
        $this->folder = sys_get_temp_dir().'/revurb-proxy-'.bin2hex(random_bytes(6));
        mkdir($this->folder);
        $file = "{$this->folder}/configuration";
        file_put_contents($file, match ($kind) {
            'caddy' => "{\n\tadmin off\n}\nhttp://127.0.0.1:{$this->port} {\n{$rules}\n}\n",
            'apache' => $this->apache($rules),
            'haproxy' => "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n  retries 0\nfrontend site\n  bind 127.0.0.1:{$this->port}\n{$rules}\n",
        });
        $this->process = new Process(match ($kind) {
            'caddy' => [self::BINARIES['caddy'], 'run', '--config', $file, '--adapter', 'caddyfile'],
            'apache' => [self::BINARIES['apache'], '-f', $file, '-DFOREGROUND'],
            'haproxy' => [self::BINARIES['haproxy'], '-f', $file, '-db'],
        }, env: ['HOME' => $this->folder]);
        $this->process->start();
        $this->waitForPort();
    }

    public function stop(): void
    {
        $this->process->stop(5);
        (new Filesystem)->deleteDirectory($this->folder);
    }

    private function apache(string $rules): string
    {
        $modules = array_map(static fn (string $name): string => "LoadModule {$name}_module /usr/lib/apache2/modules/mod_{$name}.so", ['mpm_event', 'authz_core', 'proxy', 'proxy_http']);

        return implode("\n", [
            ...$modules,
            "ServerRoot {$this->folder}", "PidFile {$this->folder}/pid", "ErrorLog {$this->folder}/log", "DocumentRoot {$this->folder}",
            'ServerName localhost', "DefaultRuntimeDir {$this->folder}", "Listen 127.0.0.1:{$this->port}",
            $rules,
        ])."\n";
    }

    private function waitForPort(): void
    {
        $until = microtime(true) + self::TIMEOUT_SECONDS;

        while (($socket = @fsockopen('127.0.0.1', $this->port)) === false) {
            if (microtime(true) > $until || ! $this->process->isRunning()) {
                throw new RuntimeException("The proxy does not listen: {$this->process->getErrorOutput()}{$this->process->getOutput()}");
            }

            usleep(20_000);
        }

        fclose($socket);
    }
}
