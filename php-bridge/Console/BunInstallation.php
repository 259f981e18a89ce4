<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Illuminate\Console\View\Components\Factory;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunOffer;
use Revurb\Bun\FoundBun;
use Revurb\Install\Remaining;
use Revurb\System\PhpFunctions;
use Revurb\System\Platform;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Throwable;

/**
 * The part of `reverb:install` that downloads Bun, if there is none that the server can use.
 */
final readonly class BunInstallation
{
    private const COMMAND = 'reverb:bun';

    private const IN_SHELL = 'php artisan '.self::COMMAND.' --install';

    public function __construct(
        private BunFinder $finder,
        private BunOffer $offer,
        private ReverbConfig $config,
        private PhpFunctions $functions,
        private Platform $platform,
    ) {}

    /** @param  Closure(string, array<string, mixed>): int  $call  runs an artisan command */
    public function run(Questions $questions, Factory $components, Closure $call): ?Remaining
    {
        if ($this->platform->isWindows()) {
            return $questions->isDemanded(Questions::BUN) ? new Remaining('Bun is needed in WSL, where the server runs', [self::IN_SHELL], isFailure: true) : null;
        }

        if (! $this->functions->canStartProcesses()) {
            $components->warn(OutputFormatter::escape((string) $this->functions->missing()?->sentence()));

            return $questions->isDemanded(Questions::BUN) ? new Remaining('Bun was not downloaded', [self::IN_SHELL], isFailure: true) : null;
        }

        $found = $this->find();

        return $found instanceof FoundBun ? $this->report($found, $components) : $this->replace($found, $questions, $components, $call);
    }

    /** @param  Closure(string, array<string, mixed>): int  $call */
    private function replace(BunNotFound $missing, Questions $questions, Factory $components, Closure $call): ?Remaining
    {
        // No other Bun is tried than the one that is named, so a download would not help.
        if ($missing->isNamed) {
            $components->warn(OutputFormatter::escape($missing->getMessage()));

            return $questions->isDemanded(Questions::BUN) ? new Remaining('REVURB_BUN names a file that cannot be used', [], isFailure: true) : null;
        }

        foreach ($missing->found as $unusable) {
            $components->twoColumnDetail('Bun', OutputFormatter::escape($unusable));
        }

        $question = $this->offer->question();

        if ($question === null) {
            $components->warn('There is no Bun to download for this machine. Name one that runs here by REVURB_BUN in .env.');

            return new Remaining('there is no Bun for this machine', [], isFailure: true);
        }

        if (! $questions->isYes(Questions::BUN, $question)) {
            return new Remaining('Bun was not downloaded', [self::IN_SHELL]);
        }

        try {
            $found = $call(self::COMMAND, ['--install' => true]) === Command::SUCCESS ? $this->find() : $missing;
        } catch (Throwable $exception) {
            $components->error(OutputFormatter::escape($exception->getMessage()));
            $found = $missing;
        }

        return $found instanceof FoundBun ? $this->report($found, $components) : new Remaining('Bun could not be downloaded', [self::IN_SHELL], isFailure: true);
    }

    private function find(): FoundBun|BunNotFound
    {
        try {
            return $this->finder->find($this->config->bun());
        } catch (BunNotFound $exception) {
            return $exception;
        }
    }

    private function report(FoundBun $bun, Factory $components): null
    {
        $components->twoColumnDetail('Bun', OutputFormatter::escape($bun->describe()));

        return null;
    }
}
