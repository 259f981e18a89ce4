<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\System\PhpFunctions;
use Revurb\System\Platform;

final readonly class Bun implements Check
{
    public function __construct(
        private BunFinder $finder,
        private ReverbConfig $config,
        private DoctorContext $context,
        private PhpFunctions $functions,
        private Platform $platform,
    ) {}

    public function run(): CheckResult
    {
        if (! $this->functions->canStartProcesses()) {
            return CheckResult::hint(Code::NotJudged, 'the runtime of the server', 'Not judged: this PHP starts no process.', 'See php.');
        }

        try {
            return CheckResult::ok($this->finder->find($this->config->bun())->describe());
        } catch (BunNotFound $exception) {
            if ($this->platform->isWindows()) {
                return CheckResult::hint(Code::NotJudged, 'the runtime of the server', 'Not judged: the server runs in WSL, with the Bun that is there.', 'See php.');
            }

            return CheckResult::problem(self::code($exception), 'the runtime of the server', $exception->getMessage(), match (true) {
                $exception->isNamed => $this->context->env->choose('REVURB_BUN', 'another Bun, or no such line, and then: '.$exception->fix()),
                // It is in .env, and not in the configuration that was cached.
                $this->context->env->laravel('REVURB_BUN') !== null => 'php artisan config:cache',
                default => $exception->fix(),
            });
        }
    }

    private static function code(BunNotFound $exception): Code
    {
        return Code::tryFrom('bun-'.($exception->fault->code ?? '')) ?? Code::BunMissing;
    }
}
