<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Setup;
use Revurb\Process\BunSearch;
use Revurb\Process\NoBun;
use Revurb\Process\VersionProbe;

final readonly class Bun implements Check
{
    public function __construct(
        private BunSearch $search,
        private VersionProbe $probe,
        private ReverbConfig $config,
        private Setup $setup,
    ) {}

    public function look(): Finding
    {
        try {
            $file = $this->search->find($this->config->bun());
        } catch (NoBun $exception) {
            return Finding::problem('the runtime of the server', $exception->getMessage(), match (true) {
                $exception->isNamed => $this->setup->env->choose('REVURB_BUN', 'a file that is there; without the line Bun is looked for'),
                // It is in .env, and not in the configuration that was cached.
                $this->setup->env->laravel('REVURB_BUN') !== null => 'php artisan config:cache',
                default => 'npm install bun',
            });
        }

        return Finding::ok("{$this->probe->versionOf($file)}, {$file}");
    }
}
