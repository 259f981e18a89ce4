<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Setup;
use Revurb\Process\BunSearch;
use Revurb\Process\NoBun;
use Revurb\Process\PhpFunctions;
use Revurb\Process\Platform;

final readonly class Bun implements Check
{
    public function __construct(
        private BunSearch $search,
        private ReverbConfig $config,
        private Setup $setup,
        private PhpFunctions $functions,
        private Platform $platform,
    ) {}

    public function look(): Finding
    {
        if (! $this->functions->canStartProcesses()) {
            return Finding::hint(Code::NotJudged, 'the runtime of the server', 'Not judged: this PHP starts no process.', 'See php.');
        }

        try {
            return Finding::ok($this->search->find($this->config->bun())->describe());
        } catch (NoBun $exception) {
            if ($this->platform->isWindows()) {
                return Finding::hint(Code::NotJudged, 'the runtime of the server', 'Not judged: the server runs in WSL, with the Bun that is there.', 'See php.');
            }

            return Finding::problem(self::code($exception), 'the runtime of the server', $exception->getMessage(), match (true) {
                $exception->isNamed => $this->setup->env->choose('REVURB_BUN', 'a file that is there; without the line Bun is looked for'),
                // It is in .env, and not in the configuration that was cached.
                $this->setup->env->laravel('REVURB_BUN') !== null => 'php artisan config:cache',
                default => $exception->cure(),
            });
        }
    }

    private static function code(NoBun $exception): Code
    {
        return Code::tryFrom('bun-'.($exception->fault->code ?? '')) ?? Code::BunMissing;
    }
}
