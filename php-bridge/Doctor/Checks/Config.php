<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Bridge\CachedConfig;
use Revurb\Bridge\Document;
use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\ConfigPlaces;
use Revurb\Doctor\Setup\Setup;
use Revurb\Process\BunSearch;
use Revurb\Process\CleanProcess;
use Revurb\Process\Command;
use Revurb\Process\ExitCode;
use Revurb\Process\NoBun;
use Revurb\Process\ServerFault;
use Revurb\Process\ServerScript;
use Revurb\Process\UnusableScript;
use Symfony\Component\Process\Process;

/**
 * The server itself judges what it would be told: `revurb check`.
 */
final readonly class Config implements Check
{
    private const TIMEOUT_SECONDS = 10;

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
    ) {}

    public function look(): Finding
    {
        $document = $this->setup->document;

        if ($document === null) {
            return Finding::problem(self::FILE, $this->setup->documentFault, $this->setup->documentFix);
        }

        try {
            $command = $this->script->command($this->bun->find($this->config->bun())->file, $document->toJson(), 'check');
        } catch (NoBun) {
            $cacheFault = $this->cached->fault();

            return $cacheFault === null
                ? Finding::warning(self::FILE, 'Without Bun nobody can judge it.', 'npm install bun')
                : Finding::warning(self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN);
        } catch (UnusableScript $exception) {
            return Finding::problem(self::FILE, $exception->getMessage(), UnusableScript::CURE);
        }

        $check = $this->run($command);
        $fault = $check->isSuccessful() ? null : ServerFault::ofCheck($command, (int) $check->getExitCode(), '');

        return $fault === null ? $this->judge($document, $check) : Finding::problem(self::FILE, "{$fault->sentence}.", $fault->cure ?? UnusableScript::CURE);
    }

    private function judge(Document $document, Process $check): Finding
    {
        $faults = $this->said('ERROR', $check);
        $warnings = $this->said('WARN', $check);
        $cacheFault = $this->cached->fault();

        if ($check->getExitCode() !== ExitCode::OK) {
            $said = $faults === [] ? [trim($check->getErrorOutput())] : $faults;

            return $cacheFault === null
                ? Finding::problem(self::FILE, implode('; ', $said), $this->places->ofFault($this->setup->env, $said[0]))
                : Finding::problem(self::CACHED_FILE, implode('; ', [...$said, $cacheFault]), self::CACHE_AGAIN);
        }

        return match (true) {
            $cacheFault !== null => Finding::warning(self::CACHED_FILE, $cacheFault, self::CACHE_AGAIN),
            $warnings !== [] => Finding::warning(self::FILE, implode('; ', $warnings), $this->places->ofFault($this->setup->env, $warnings[0])),
            $this->isStale() => Finding::warning(self::CACHED_FILE, 'The configuration is cached, and .env was changed since.', self::CACHE_AGAIN),
            default => Finding::ok(count($document->content['apps']).' app(s), '.$this->setup->server->url()),
        };
    }

    private function run(Command $command): Process
    {
        $check = CleanProcess::of(
            $command->arguments,
            $command->directory,
            $command->environment + ['NO_COLOR' => '1'],
            $command->document."\n",
            self::TIMEOUT_SECONDS,
        );
        $check->run();

        return $check;
    }

    /** @return list<string> */
    private function said(string $level, Process $check): array
    {
        preg_match_all("/^\s*\[?{$level}\]?\s+(.+)$/mi", $check->getErrorOutput(), $lines);

        return $lines[1];
    }

    private function isStale(): bool
    {
        $cached = $this->app->getCachedConfigPath();
        $env = $this->app->environmentFilePath();

        return is_file($cached) && is_file($env) && filemtime($env) > filemtime($cached);
    }
}
