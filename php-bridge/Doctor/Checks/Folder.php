<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Closure;

/**
 * Why a folder or a file cannot be written by this user.
 */
final readonly class Folder
{
    /**
     * @param  Closure(string): bool|null  $isWritable  in place of PHP's function, for tests that run as root, which may write everything
     */
    public function __construct(private ?Closure $isWritable = null) {}

    /** The file that stands where a folder should be, or null. */
    public function obstacle(string $path): ?string
    {
        $existing = $this->existing($path);

        return is_dir($existing) ? null : $existing;
    }

    public function mayWrite(string $path): bool
    {
        $existing = $this->existing($path);

        return $this->isWritable === null ? is_writable($existing) : ($this->isWritable)($existing);
    }

    /** The owner, such as `www-data`, or its number if it has no name. */
    public function owner(string $path): string
    {
        return self::nameOf((int) @fileowner($this->existing($path)));
    }

    public function user(): string
    {
        return function_exists('posix_geteuid') ? self::nameOf(posix_geteuid()) : get_current_user();
    }

    /** The command that fixes a path of another user. */
    public function fix(string $path): string
    {
        $existing = $this->existing($path);

        return "sudo -u {$this->owner($path)} php artisan …, as {$existing} belongs to {$this->owner($path)}; or sudo chown -R {$this->user()} {$existing}";
    }

    /** The path, or its nearest parent that exists. */
    private function existing(string $path): string
    {
        while ($path !== '' && ! file_exists($path) && dirname($path) !== $path) {
            $path = dirname($path);
        }

        return $path;
    }

    private static function nameOf(int $uid): string
    {
        $user = function_exists('posix_getpwuid') ? posix_getpwuid($uid) : false;

        return $user === false ? (string) $uid : $user['name'];
    }
}
