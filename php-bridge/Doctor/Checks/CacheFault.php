<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Throwable;

/**
 * Why the cache cannot be written or read, and how to fix it.
 */
final readonly class CacheFault
{
    private const FAULT = 'reverb:restart cannot reach the server through it';

    public function __construct(
        private DoctorContext $context,
        private Folder $folder,
        private DatabaseFault $database,
    ) {}

    /** @param  array<array-key, mixed>  $store  its settings in config/cache.php */
    public function of(Throwable $exception, string $driver, array $store, string $seen): CheckResult
    {
        $message = strtok($exception->getMessage(), "\n") ?: $exception::class;
        $path = is_string($store['path'] ?? null) ? $store['path'] : '';

        [$code, $fault, $fix] = $this->full($message, $path) ?? match ($driver) {
            'file' => $this->ofFiles($message, $path),
            'database' => [DatabaseFault::isTableMissing($message) ? Code::CacheTableMissing : Code::CacheUnusable, ...$this->database->of($exception, 'cache')],
            'redis' => $this->ofRedis($message),
            default => $this->unknown($message),
        };

        return CheckResult::problem($code, $seen, self::FAULT.': '.rtrim($fault, '.').'.', $fix);
    }

    /** @return array{Code, string, string}|null */
    private function full(string $message, string $path): ?array
    {
        return match (true) {
            preg_match('/No space left|disk is full|Disk quota exceeded/i', $message) === 1 => [Code::CacheFull, $message, 'Make room on the disk: df -h '.($path === '' ? '.' : $path)],
            preg_match('/Read-only file ?system/i', $message) === 1 => [
                Code::CacheReadOnly,
                "The file system of {$path} is read-only",
                "A writable volume at {$path}; or another store: {$this->context->env->change('CACHE_STORE', 'redis')}, where there is a Redis",
            ],
            default => null,
        };
    }

    /** @return array{Code, string, string} */
    private function ofFiles(string $message, string $path): array
    {
        $obstacle = $this->folder->obstacle($path);

        return match (true) {
            $path === '' => [Code::CacheFolderMissing, 'It has no path', "config/cache.php: stores.file.path => storage_path('framework/cache/data')"],
            $obstacle !== null => [Code::CacheFolderMissing, "{$obstacle} is a file where a folder should be", "rm {$obstacle} && mkdir -p {$path}"],
            ! $this->folder->mayWrite($path) => [
                Code::CacheNotPermitted,
                "{$this->folder->user()} may not write to {$path}, which belongs to {$this->folder->owner($path)}",
                $this->folder->fix($path),
            ],
            str_contains($message, 'Permission denied') => [Code::CacheNotPermitted, $message, "Files below {$path} belong to another user than {$this->folder->user()}: sudo chown -R {$this->folder->owner($path)} {$path}, and run artisan and the server as {$this->folder->owner($path)}"],
            default => $this->unknown($message),
        };
    }

    /** @return array{Code, string, string} */
    private function ofRedis(string $message): array
    {
        return match (true) {
            str_contains($message, 'OOM') => [Code::CacheFull, "Redis has no memory left ({$message})", 'In redis.conf: a higher maxmemory, or maxmemory-policy allkeys-lru'],
            str_contains($message, 'MISCONF') => [Code::CacheFull, "Redis cannot write its snapshot and takes no changes ({$message})", 'Make room on the disk of Redis, or in redis.conf: stop-writes-on-bgsave-error no'],
            str_contains($message, 'READONLY') => [Code::CacheReplica, 'That Redis is a replica, which takes no changes', $this->context->env->choose('REDIS_HOST', 'the host of the primary')],
            str_contains($message, 'NOPERM') => [Code::CacheNotPermitted, "The user of Redis may not do that ({$message})", "{$this->context->env->place('REDIS_USERNAME')}: it needs the commands get, setex and del on all keys (ACL SETUSER)"],
            default => $this->unknown($message),
        };
    }

    /** @return array{Code, string, string} */
    private function unknown(string $message): array
    {
        return [Code::CacheUnusable, $message, "config/cache.php: the settings of that store; or another store: {$this->context->env->choose('CACHE_STORE', 'file, database or redis')}"];
    }
}
