<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Foundation\Application;

/**
 * Whether a cached configuration hides what the files contain now.
 */
final readonly class CachedFiles
{
    public function __construct(private Application $app) {}

    public function remaining(): ?Remaining
    {
        return $this->app->configurationIsCached() && $this->isOlder() ? new Remaining('the configuration is cached', ['php artisan config:clear']) : null;
    }

    /** File systems may store times in seconds. */
    private function isOlder(): bool
    {
        $files = [$this->app->environmentFilePath(), $this->app->configPath('reverb.php'), $this->app->configPath('broadcasting.php')];
        clearstatcache();

        return (int) @filemtime($this->app->getCachedConfigPath()) <= max(array_map(static fn (string $file): int => (int) @filemtime($file), $files));
    }
}
