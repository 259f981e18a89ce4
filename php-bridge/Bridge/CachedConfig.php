<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Foundation\Application;

/**
 * Detects a configuration that `config:cache` has written before this package, or this version of it, was installed.
 */
final readonly class CachedConfig
{
    private const OF_SERVER = 'servers.';

    public function __construct(
        private Application $app,
        private ReverbConfig $config,
        private AddedKeys $keys,
    ) {}

    /** What is missing in the cached configuration, in one sentence, or null. */
    public function fault(): ?string
    {
        if (! $this->app->configurationIsCached()) {
            return null;
        }

        // Apps are left out: an application may set its own at every start.
        $missing = array_filter($this->keys->missingFrom($this->config->all()), static fn (string $path): bool => str_starts_with($path, self::OF_SERVER));
        $more = count($missing) - 1;

        return $missing === [] ? null : sprintf(
            'The cached configuration is older than this version of Revurb and has no %s%s: the defaults apply, and lines of .env for them have no effect.',
            reset($missing),
            $more === 0 ? '' : " (nor {$more} other keys)",
        );
    }
}
