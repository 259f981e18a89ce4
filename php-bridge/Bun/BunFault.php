<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * Why a file cannot be used as Bun. The reason is read from the file itself, since the message that running it prints depends on the
 * version, the shell and the libc.
 */
final readonly class BunFault
{
    public const MISSING = 'missing';

    public const NOT_EXECUTABLE = 'not-executable';

    /** The npm package `bun` contains this placeholder instead of Bun until its install script has run. */
    public const PLACEHOLDER = 'placeholder';

    public const OTHER_PLATFORM = 'other-platform';

    public const TOO_OLD = 'too-old';

    public const DOES_NOT_RUN = 'does-not-run';

    /** Stores the Bun of this release, which is found before any other one that is not named. If it is stored, its bytes and its mode are checked. */
    public const INSTALL = 'php artisan reverb:bun --install';

    /** Downloads it again and runs it, so that a file with the right bytes that does not run gets its reason. */
    public const REPLACE = self::INSTALL.' --force';

    /** The file that reverb:bun stores, such as storage/revurb/bun-1.4.5-linux-x64. */
    private const STORED = '#/revurb/bun-\d[^/]*$#';

    /**
     * @param  string  $code  one of the constants
     * @param  string  $text  a predicate that follows the name of the file
     * @param  string  $fix  a command for the folder of the application
     */
    private function __construct(
        public string $code,
        public string $text,
        public string $fix = self::INSTALL,
    ) {}

    public static function tooOld(string $version): self
    {
        return new self(self::TOO_OLD, "is {$version}");
    }

    /** The fault of a file that does not run, and shows no reason. */
    public static function unknown(string $file): self
    {
        return new self(self::DOES_NOT_RUN, 'does not run', self::isStored($file) ? self::REPLACE : self::INSTALL);
    }

    /** The fault that the file shows without being run, or null. */
    public static function of(string $file): ?self
    {
        clearstatcache();

        return match (true) {
            ! @is_file($file) => new self(self::MISSING, 'is not there'),
            self::isPlaceholder($file) => new self(self::PLACEHOLDER, 'is the placeholder of the npm package bun, which was installed without its optional package @oven/bun-* and without its install script'),
            ! is_executable($file) => new self(self::NOT_EXECUTABLE, 'is not executable', self::isStored($file) ? self::INSTALL : "chmod +x {$file}"),
            default => self::otherPlatform($file),
        };
    }

    private static function isStored(string $file): bool
    {
        return preg_match(self::STORED, $file) === 1;
    }

    /** pnpm has a script in `.bin` and npm a symlink; both lead to the file of the package. */
    private static function isPlaceholder(string $file): bool
    {
        foreach ([(string) realpath($file), dirname($file).'/../bun/bin/bun.exe', dirname($file).'/../bun/bin/bun'] as $candidate) {
            if (preg_match('#/bun/bin/bun(\.exe)?$#', $candidate) === 1 && @is_file($candidate)) {
                return Executable::of($candidate)->system === null;
            }
        }

        return false;
    }

    private static function otherPlatform(string $file): ?self
    {
        $executable = Executable::of($file);
        $machine = strtr(php_uname('m'), ['arm64' => 'aarch64', 'amd64' => 'x86_64', 'AMD64' => 'x86_64']);
        $system = PHP_OS_FAMILY === 'Darwin' ? 'macOS' : PHP_OS_FAMILY;
        $loader = $executable->loader;

        $text = match (true) {
            $executable->system === null => null,
            $executable->system !== $system => "is built for {$executable->system}, and this is {$system}",
            $executable->processor !== null && $executable->processor !== $machine => "is built for {$executable->processor}, and this machine is {$machine}",
            $loader !== null && ! @file_exists($loader) => 'is built for Linux with '.($executable->usesMusl() ? 'musl (Alpine)' : 'glibc').", and this system has no {$loader}",
            default => null,
        };

        return match (true) {
            $text !== null => new self(self::OTHER_PLATFORM, $text, self::isStored($file) ? self::REPLACE : self::INSTALL),
            $executable->usesMusl() && ! (new MuslLibraries)->has(MuslLibraries::OF_BUN) => new self(self::DOES_NOT_RUN, 'needs '.MuslLibraries::OF_BUN.', which is not installed', MuslLibraries::INSTALL),
            default => null,
        };
    }
}
