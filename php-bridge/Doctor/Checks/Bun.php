<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFault;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunStore;
use Revurb\Bun\FoundBun;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\System\PhpFunctions;
use Revurb\System\Platform;

/**
 * Which Bun runs the server, and whether it is the one that this release was tested with. A start does not check the hash of the stored file,
 * which takes about a second for 100 MB; this check does.
 */
final readonly class Bun implements Check
{
    private const THEN = ', and then: php artisan reverb:restart';

    public function __construct(
        private BunFinder $finder,
        private BunStore $store,
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
            $bun = $this->finder->find($this->config->bun());

            return $this->ofStored($bun) ?? $this->ofVersion($bun);
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

    /** The stored file is judged unless another one is named, also if it does not run and another one is used instead. */
    private function ofStored(FoundBun $bun): ?CheckResult
    {
        $file = $this->store->pinned();
        $fault = ! $bun->isNamed() && $file !== null && is_file($file) ? $this->store->fault() : null;

        return match (true) {
            $fault === null => null,
            $bun->file === $file => CheckResult::problem(Code::BunDamaged, $bun->describe(), "The file {$fault}.", BunFault::REPLACE.self::THEN),
            default => CheckResult::warning(Code::BunDamaged, $bun->describe(), "{$file} {$fault}, so that another Bun is used.", BunFault::REPLACE.self::THEN),
        };
    }

    /** A newer patch is as good as the tested version: those of Bun are fixes. */
    private function ofVersion(FoundBun $bun): CheckResult
    {
        $tested = $this->store->release->version;
        $isOlder = version_compare($bun->version, $tested, '<');
        $isSameMinor = implode('.', array_slice(explode('.', $bun->version), 0, 2)) === implode('.', array_slice(explode('.', $tested), 0, 2));

        if ($this->store->pinned() === null || ($isSameMinor && ! $isOlder)) {
            return CheckResult::ok("{$bun->describe()}; tested with {$tested}");
        }

        $fix = BunFault::INSTALL.self::THEN;

        return CheckResult::hint(
            Code::BunUntested,
            $bun->describe(),
            "This release of Revurb was tested with Bun {$tested}, which is ".($isOlder ? 'newer' : 'older').'; it runs with '.FoundBun::MINIMUM.' or newer.',
            $bun->isNamed() ? $this->context->env->choose('REVURB_BUN', "Bun {$tested}, or no such line, and then: {$fix}") : $fix,
        );
    }

    private static function code(BunNotFound $exception): Code
    {
        return Code::tryFrom('bun-'.($exception->fault->code ?? '')) ?? Code::BunMissing;
    }
}
