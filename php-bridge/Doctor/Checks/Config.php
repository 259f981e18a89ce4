<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Bridge\CachedConfig;
use Revurb\Bridge\Document;
use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\ConfigPlaces;
use Revurb\Doctor\Setup\Setup;
use Revurb\Process\BunSearch;
use Revurb\Process\CleanProcess;
use Revurb\Process\Command;
use Revurb\Process\ExitCode;
use Revurb\Process\NoBun;
use Revurb\Process\PhpFunctions;
use Revurb\Process\ServerFault;
use Revurb\Process\ServerScript;
use Revurb\Process\UnusableScript;
use Symfony\Component\Process\Exception\ProcessTimedOutException;
use Symfony\Component\Process\Process;

/**
 * The server itself judges what it would be told: `revurb check`.
 */
final readonly class Config implements Check
{
    private const TIMEOUT_SECONDS = 30;

    private const FILE = 'config/reverb.php';

    private const CACHED_FILE = 'bootstrap/cache/config.php';

    private const CACHE_AGAIN = 'php artisan config:cache';

    public function __construct(
        private Setup $setup,
        private ConfigPlaces $places,
        private ReverbConfig $config,
        private CachedConfig $cached,
        private BunSearch $bun,
        private ServerScript $script,
        private Application $app,
        private PhpFunctions $functions,
    ) {}

    public function look(): Finding
    {
        $document = $this->setup->document;

        if ($document === null) {
            return Finding::problem(Code::ConfigInvalid, self::FILE, $this->setup->documentFault, $this->setup->documentFix);
        }

        if (! $this->functions->canStartProcesses()) {
            return Finding::hint(Code::NotJudged, self::FILE, 'Not judged: this PHP starts no process.', 'See php.');
        }

        try {
            $command = $this->script->command($this->bun->find($this->config->bun())->file, $document->toJson(), 'check');
        } catch (NoBun $exception) {
            $cacheFault = $this->cached->fault();

            return $cacheFault === null
                ? Finding::warning(Code::BunMissing, self::FILE, 'Without Bun it cannot be validated.', $exception->cure())
                : Finding::warning(Code::ConfigCacheStale, self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN);
        } catch (UnusableScript $exception) {
            return Finding::problem(Code::ServerScriptMissing, self::FILE, $exception->getMessage(), UnusableScript::CURE);
        }

        try {
            $check = $this->run($command);
        } catch (ProcessTimedOutException) {
            return Finding::hint(Code::NotJudged, self::FILE, 'Not judged: Bun has taken longer than '.self::TIMEOUT_SECONDS.' seconds.', 'Run reverb:doctor again when the machine is less busy.');
        }

        $fault = $check->isSuccessful() ? null : ServerFault::ofCheck($command, (int) $check->getExitCode(), '');

        return $fault === null ? $this->judge($document, $check) : Finding::problem(Code::ServerFailed, self::FILE, "{$fault->sentence}.", $fault->cure ?? UnusableScript::CURE);
    }

    private function judge(Document $document, Process $check): Finding
    {
        $faults = $this->said('error', $check);
        $warnings = $this->said('warn', $check);
        $cacheFault = $this->cached->fault();

        if ($check->getExitCode() !== ExitCode::OK) {
            $said = $faults === [] ? trim($check->getErrorOutput()) : self::sentences($faults);

            return $cacheFault === null
                ? Finding::problem(Code::ConfigInvalid, self::FILE, $said, $this->place($faults))
                : Finding::problem(Code::ConfigCacheStale, self::CACHED_FILE, "{$said}; {$cacheFault}", self::CACHE_AGAIN);
        }

        $env = $this->setup->env->file;

        return match (true) {
            $env?->fault !== null => Finding::problem(
                Code::EnvUnreadable,
                "{$env->name}:{$env->fault->line}",
                "Laravel cannot read that line ({$env->fault->reason}), and does not start without its cached configuration.",
                "{$env->name}:{$env->fault->line}: double quotes around the value, and NAME= before it",
            ),
            $cacheFault !== null => Finding::warning(Code::ConfigCacheStale, self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN),
            $warnings !== [] => Finding::warning(Code::ConfigWarning, self::FILE, self::sentences($warnings), $this->place($warnings)),
            $this->isStale() => Finding::warning(Code::ConfigCacheStale, self::CACHED_FILE, 'The configuration is cached, and .env was changed since.', self::CACHE_AGAIN),
            default => Finding::ok(count($document->content['apps']).' app(s), '.$this->setup->server->url()),
        };
    }

    private function run(Command $command): Process
    {
        $check = CleanProcess::of(
            [...$command->arguments, '--log=json'],
            $command->directory,
            $command->environment,
            $command->document."\n",
            self::TIMEOUT_SECONDS,
        );
        $check->run();

        return $check;
    }

    /**
     * @param  'error'|'warn'  $level
     * @return list<array<array-key, mixed>> the lines of the log of that level, as docs/bridge.md has them
     */
    private function said(string $level, Process $check): array
    {
        $lines = array_map(static fn (string $line): mixed => json_decode($line, true), explode("\n", $check->getOutput()));

        return array_values(array_filter($lines, static fn (mixed $line): bool => is_array($line) && ($line['level'] ?? null) === $level));
    }

    /** @param  list<array<array-key, mixed>>  $lines */
    private static function sentences(array $lines): string
    {
        return implode('; ', array_map(static fn (array $line): string => self::text($line['message'] ?? null), $lines));
    }

    /** @param  list<array<array-key, mixed>>  $lines  of which the first counts */
    private function place(array $lines): string
    {
        return $this->places->of($this->setup->env, self::text(data_get($lines, '0.context.key')), self::text(data_get($lines, '0.context.variable')));
    }

    private static function text(mixed $value): string
    {
        return is_string($value) ? $value : '';
    }

    private function isStale(): bool
    {
        $cached = $this->app->getCachedConfigPath();
        $env = $this->app->environmentFilePath();

        return is_file($cached) && is_file($env) && filemtime($env) > filemtime($cached);
    }
}
