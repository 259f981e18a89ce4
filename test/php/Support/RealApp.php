<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Cache\FileStore;
use Illuminate\Filesystem\Filesystem;
use Revurb\RevurbServiceProvider;
use Revurb\Status\RestartFlag;
use RuntimeException;
use Symfony\Component\Process\Process;

/**
 * An application on disk, with an artisan to run, and the real server behind it.
 */
final class RealApp
{
    /** Seconds after which a condition counts as failed: enough for a busy machine, and no measure of speed. */
    public const TIMEOUT_SECONDS = 60;

    public readonly string $base;

    public readonly int $port;

    /** @var list<Process> */
    private array $started = [];

    public function __construct()
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        $this->port = Port::free();
        $root = dirname(__DIR__, 3);

        foreach (['bootstrap/cache', 'config', 'storage/framework/views', 'storage/framework/cache/data', 'storage/logs'] as $folder) {
            mkdir("{$this->base}/{$folder}", recursive: true);
        }

        $this->write('.env', implode("\n", [
            'APP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
            'CACHE_STORE=file',
            'LOG_CHANNEL=single',
            'REVERB_SERVER_HOST=127.0.0.1',
            "REVERB_SERVER_PORT={$this->port}",
            'REVERB_APP_ID=123456',
            'REVERB_APP_KEY=the-key',
            'REVERB_APP_SECRET=the-secret-that-is-masked',
            'REVURB_DRAIN_SECONDS=1',
            "REVURB_BUN={$root}/node_modules/.bin/bun",
        ])."\n");

        $this->write('bootstrap/app.php', <<<PHP
            <?php
            spl_autoload_register(fn (string \$class) => str_starts_with(\$class, 'Laravel\Reverb') ? require_once '{$root}/test/php/StandIns/laravel-reverb.php' : null);
            return Illuminate\Foundation\Application::configure(dirname(__DIR__))
                ->withExceptions()
                ->booted(fn () => is_file(dirname(__DIR__).'/booted.php') ? require dirname(__DIR__).'/booted.php' : null)
                ->create();
            PHP);
        $this->discover(RevurbServiceProvider::class);

        $this->write('autoload.php', "<?php require '{$root}/vendor/autoload.php';");
        $this->write('artisan', <<<'PHP'
            <?php
            require __DIR__.'/autoload.php';
            exit((require __DIR__.'/bootstrap/app.php')->handleCommand(new Symfony\Component\Console\Input\ArgvInput));
            PHP);
    }

    /** In one step: the server, or a command, may read the file at any moment. */
    public function write(string $file, string $text): void
    {
        (new Filesystem)->replace("{$this->base}/{$file}", $text);
    }

    /** The providers of packages, as Laravel has discovered them: in this order. */
    public function discover(string ...$providers): void
    {
        $this->write('bootstrap/cache/packages.php', '<?php return '.var_export(['packages' => ['providers' => $providers]], true).';');
    }

    /** Lines of the .env file, beside those that are there. */
    public function environment(string ...$lines): void
    {
        file_put_contents("{$this->base}/.env", implode("\n", $lines)."\n", FILE_APPEND);
    }

    /** Another value for a line of the .env file that is there. */
    public function replaceEnvironment(string $name, string $value, string $release = ''): void
    {
        $file = $release === '' ? "{$this->base}/.env" : "{$this->base}/releases/{$release}/.env";
        file_put_contents($file, preg_replace("/^{$name}=.*$/m", "{$name}={$value}", (string) file_get_contents($file)));
    }

    /**
     * Configures the server to listen on a port that is in use, with its next start.
     *
     * @return resource which holds the port until it is closed
     */
    public function configurePortInUse()
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0') ?: throw new RuntimeException('No port can be had.');
        $name = (string) stream_socket_get_name($socket, false);
        $this->replaceEnvironment('REVERB_SERVER_PORT', substr($name, (int) strrpos($name, ':') + 1));

        return $socket;
    }

    /** A copy of the application as a release, to which the symlink that is returned leads from now on. */
    public function release(string $name): string
    {
        $files = new Filesystem;
        $folder = "{$this->base}/releases/{$name}";

        foreach (['bootstrap', 'config'] as $part) {
            $files->copyDirectory("{$this->base}/{$part}", "{$folder}/{$part}");
        }

        foreach (['artisan', 'autoload.php', '.env'] as $part) {
            $files->copy("{$this->base}/{$part}", "{$folder}/{$part}");
        }

        // Releases share what they keep, and the cache with the restart flag in it is a part of that.
        symlink("{$this->base}/storage", "{$folder}/storage");
        @unlink($current = "{$this->base}/current");
        symlink($folder, $current);

        return $current;
    }

    /** Copies of the package and its dependencies, below the application, as Composer has them; a test may delete them. */
    public function ownPackages(string $folder = 'packages'): string
    {
        $root = dirname(__DIR__, 3);
        mkdir($own = "{$this->base}/{$folder}");
        $parts = implode(' ', array_map(static fn (string $part): string => escapeshellarg("{$root}/{$part}"), ['composer.json', 'dist', 'php-bridge', 'vendor', 'stubs', 'test']));
        // Hard links, where the file system is the same: they cost neither time nor space.
        Process::fromShellCommandline("cp -al {$parts} . 2>/dev/null || cp -a {$parts} .", $own)->mustRun();
        $this->write('autoload.php', "<?php require __DIR__.'/{$folder}/vendor/autoload.php';");

        return $own;
    }

    /** As `reverb:restart` does, where there is no artisan to run it. */
    public function raiseRestartFlag(): void
    {
        $store = new FileStore(new Filesystem, "{$this->base}/storage/framework/cache/data");
        $store->forever(RestartFlag::KEY, time() + random_int(1, 1_000_000));
    }

    public function artisan(string ...$arguments): Process
    {
        return $this->artisanIn($this->base, ...$arguments);
    }

    public function artisanIn(string $folder, string ...$arguments): Process
    {
        return $this->run($folder, 'artisan', ...$arguments);
    }

    /** @param  list<string>  $options  of PHP itself */
    public function artisanWith(array $options, string ...$arguments): Process
    {
        return $this->run($this->base, ...[...$options, 'artisan', ...$arguments]);
    }

    /** Another script of the application. */
    public function php(string $script, string ...$arguments): Process
    {
        return $this->run($this->base, $script, ...$arguments);
    }

    /** The output so far, once it holds that text. */
    public function waitFor(Process $process, string $text, int $times = 1): string
    {
        $until = hrtime(true) + self::TIMEOUT_SECONDS * 1e9;

        while (substr_count($output = $process->getOutput().$process->getErrorOutput(), $text) < $times) {
            if (hrtime(true) > $until || ! $process->isRunning()) {
                throw new RuntimeException("It did not say \"{$text}\", but: {$output}{$process->getOutput()}{$process->getErrorOutput()}");
            }

            usleep(20_000);
        }

        return $output;
    }

    /** The process id of the server that an artisan process has started. */
    public function serverOf(Process $process): int
    {
        $pid = $process->getPid();
        $children = (string) @file_get_contents("/proc/{$pid}/task/{$pid}/children");

        return (int) $children > 0 ? (int) $children : throw new RuntimeException('It has no child.');
    }

    public function isUp(): bool
    {
        return @file_get_contents("http://127.0.0.1:{$this->port}/up", context: stream_context_create(['http' => ['timeout' => 20]])) !== false;
    }

    public function log(): string
    {
        return (string) @file_get_contents("{$this->base}/storage/logs/laravel.log");
    }

    public function remove(): void
    {
        foreach ($this->started as $process) {
            $process->stop(5);
        }

        (new Filesystem)->deleteDirectory($this->base);
    }

    private function run(string $folder, string ...$arguments): Process
    {
        $clean = ['PATH' => '/usr/local/bin:/usr/bin:/bin', 'HOME' => $this->base, 'PWD' => $folder] + array_fill_keys(array_keys(getenv() + $_ENV), false);
        $process = new Process([PHP_BINARY, ...$arguments], $folder, $clean, timeout: 3 * self::TIMEOUT_SECONDS);
        $process->start();
        $this->started[] = $process;

        return $process;
    }
}
