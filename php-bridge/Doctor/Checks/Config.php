<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Bridge\CachedConfig;
use Revurb\Bridge\Document;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\ConfigPlaces;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Server\Command;
use Revurb\Server\ExitCode;
use Revurb\Server\ServerFault;
use Revurb\Server\ServerScript;
use Revurb\Server\UnusableScript;
use Revurb\System\CleanProcess;
use Revurb\System\PhpFunctions;
use Symfony\Component\Process\Exception\ProcessTimedOutException;
use Symfony\Component\Process\Process;

/**
 * Lets the server validate the document: `revurb check`.
 */
final readonly class Config implements Check
{
    private const TIMEOUT_SECONDS = 30;

    private const FILE = 'config/reverb.php';

    private const CACHED_FILE = 'bootstrap/cache/config.php';

    private const CACHE_AGAIN = 'php artisan config:cache';

    public function __construct(
        private DoctorContext $context,
        private ConfigPlaces $places,
        private ReverbConfig $config,
        private CachedConfig $cached,
        private BunFinder $bun,
        private ServerScript $script,
        private Application $app,
        private PhpFunctions $functions,
        private Diagnosis $diagnosis,
    ) {}

    public function run(): CheckResult
    {
        $document = $this->context->document;

        if ($document === null) {
            return CheckResult::problem(Code::ConfigInvalid, self::FILE, $this->context->documentFault, $this->context->documentFix);
        }

        if (! $this->functions->canStartProcesses()) {
            return CheckResult::hint(Code::NotJudged, self::FILE, 'Not judged: this PHP starts no process.', 'See php.');
        }

        try {
            $command = $this->script->command($this->bun->find($this->config->bun()), $document->toJson(), 'check');
        } catch (BunNotFound $exception) {
            $cacheFault = $this->cached->fault();

            return $cacheFault === null
                ? CheckResult::warning(Code::BunMissing, self::FILE, 'Without Bun it cannot be validated.', 'See bun.')
                : CheckResult::warning(Code::ConfigCacheStale, self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN);
        } catch (UnusableScript $exception) {
            return CheckResult::problem(Code::ServerScriptMissing, self::FILE, $exception->getMessage(), UnusableScript::FIX);
        }

        try {
            $check = $this->checked($command);
        } catch (ProcessTimedOutException) {
            return CheckResult::hint(Code::NotJudged, self::FILE, 'Not judged: Bun has taken longer than '.self::TIMEOUT_SECONDS.' seconds.', 'Run reverb:doctor again when the machine is less busy.');
        }

        $fault = $check->isSuccessful() ? null : ServerFault::ofCheck($command, (int) $check->getExitCode(), '');

        return $fault === null ? $this->judge($document, $check) : CheckResult::problem(Code::ServerFailed, self::FILE, "{$fault->sentence}.", $fault->fix ?? UnusableScript::FIX);
    }

    private function judge(Document $document, Process $check): CheckResult
    {
        $faults = self::findings('error', $check);
        $warnings = self::findings('warn', $check);
        $cacheFault = $this->cached->fault();

        if ($check->getExitCode() !== ExitCode::OK) {
            $problem = $faults === [] ? trim($check->getErrorOutput()) : self::sentences($faults);

            return $cacheFault === null
                ? CheckResult::problem(Code::ConfigInvalid, self::FILE, $problem, $this->place($faults))
                : CheckResult::problem(Code::ConfigCacheStale, self::CACHED_FILE, "{$problem}; {$cacheFault}", self::CACHE_AGAIN);
        }

        $env = $this->context->env->file;

        return match (true) {
            $env?->fault !== null => CheckResult::problem(
                Code::EnvUnreadable,
                "{$env->name}:{$env->fault->line}",
                "Laravel cannot read that line ({$env->fault->reason}), and does not start without its cached configuration.",
                "{$env->name}:{$env->fault->line}: double quotes around the value, and NAME= before it",
            ),
            $cacheFault !== null => CheckResult::warning(Code::ConfigCacheStale, self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN),
            $warnings !== [] => CheckResult::warning(Code::ConfigWarning, self::FILE, self::sentences($warnings), $this->place($warnings).$this->diagnosis->thenRestart()),
            $this->isStale() => CheckResult::warning(Code::ConfigCacheStale, self::CACHED_FILE, 'The configuration is cached, and .env was changed since.', self::CACHE_AGAIN),
            default => CheckResult::ok(count($document->content['apps']).' app(s), '.$this->context->server->url()),
        };
    }

    private function checked(Command $command): Process
    {
        $check = CleanProcess::of(
            [...$command->arguments, '--json'],
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
     * @return list<array<array-key, mixed>> the findings of that level, as docs/bridge.md has them
     */
    private static function findings(string $level, Process $check): array
    {
        $findings = json_decode($check->getOutput(), true);

        return array_values(array_filter(is_array($findings) ? $findings : [], static fn (mixed $finding): bool => is_array($finding) && ($finding['level'] ?? null) === $level));
    }

    /** @param  list<array<array-key, mixed>>  $findings */
    private static function sentences(array $findings): string
    {
        return implode('; ', array_map(static fn (array $finding): string => self::text($finding['message'] ?? null), $findings));
    }

    /** @param  list<array<array-key, mixed>>  $findings  the first one counts */
    private function place(array $findings): string
    {
        return $this->places->of($this->context->env, self::text($findings[0]['key'] ?? null), self::text($findings[0]['variable'] ?? null));
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
