<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * Which of Bun's executables this machine runs. The libc is that of PHP's own executable, so that an image of Alpine gets a Bun for musl,
 * whatever else is installed there.
 */
final readonly class BunTarget
{
    /** Processors by the names that `uname -m` has for them, and Bun's names. */
    private const PROCESSORS = ['x86_64' => 'x64', 'amd64' => 'x64', 'aarch64' => 'aarch64', 'arm64' => 'aarch64'];

    /** The loaders by which the executables for each target are loaded; glibc is preferred where a system has both. */
    private const LOADERS = [
        'linux-x64' => '/lib64/ld-linux-x86-64.so.2',
        'linux-x64-musl' => '/lib/ld-musl-x86_64.so.1',
        'linux-aarch64' => '/lib/ld-linux-aarch64.so.1',
        'linux-aarch64-musl' => '/lib/ld-musl-aarch64.so.1',
    ];

    /**
     * @param  string  $family  as PHP_OS_FAMILY
     * @param  string|null  $machine  as `uname -m`; null: that of this machine
     * @param  string|null  $php  PHP's executable; null: the one of this process
     * @param  string  $root  the folder that is the root of the file system
     */
    public function __construct(
        private string $family = PHP_OS_FAMILY,
        private ?string $machine = null,
        private ?string $php = null,
        private string $root = '',
    ) {}

    /** Such as linux-x64-musl; null if there is no Bun for this machine. */
    public function name(): ?string
    {
        $processor = self::PROCESSORS[$this->machine()] ?? null;

        return match (true) {
            $processor === null => null,
            $this->family === 'Darwin' => "darwin-{$processor}",
            $this->family === 'Linux' => $this->linux("linux-{$processor}"),
            default => null,
        };
    }

    /** What this machine is, for a message that there is no Bun for it. */
    public function machineDescription(): string
    {
        return trim("{$this->family} on {$this->machine()}".($this->php()->is32Bit ? ', 32 bit' : ''));
    }

    private function linux(string $glibc): ?string
    {
        $php = $this->php();
        $musl = "{$glibc}-musl";

        return match (true) {
            $php->is32Bit => null,
            $php->usesMusl() => $musl,
            $php->loader !== null, $this->has($glibc) => $glibc,
            // PHP is linked statically, as that of FrankenPHP can be.
            $this->has($musl) => $musl,
            default => $glibc,
        };
    }

    private function has(string $target): bool
    {
        return @file_exists($this->root.self::LOADERS[$target]);
    }

    private function machine(): string
    {
        return $this->machine ?? php_uname('m');
    }

    /** PHP_BINARY is empty where PHP is a library of another program, and on Linux this link names every program. */
    private function php(): Executable
    {
        return Executable::of($this->php ?? (@is_file('/proc/self/exe') ? '/proc/self/exe' : PHP_BINARY));
    }
}
