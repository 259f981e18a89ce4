<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Support\InteractsWithTime;
use Revurb\Bridge\ReverbConfig;
use Revurb\Log\LogLine;
use Revurb\Restart\RestartOutcome;
use Revurb\Restart\RestartWait;
use Revurb\Status\RestartFlag;
use Symfony\Component\Console\Attribute\AsCommand;
use Throwable;

/**
 * Raises the restart flag. Exit codes with `--wait`: 0 if every server has restarted, 1 if one has failed, 2 if one has not restarted in
 * time or none is known.
 */
#[AsCommand(name: 'reverb:restart')]
final class RestartServer extends Command
{
    use InteractsWithTime;

    private const MISSING = 2;

    protected $signature = 'reverb:restart
                {--wait : Wait until every server has restarted, and print the outcome of each}
                {--timeout=120 : Seconds to wait for that}';

    protected $description = 'Restart the Reverb server';

    public function handle(RestartFlag $restartFlag, RestartWait $wait, ReverbConfig $config): int
    {
        if (! $this->option('wait')) {
            $restartFlag->raise($this->currentTime());
            $this->announce();

            return self::SUCCESS;
        }

        $seconds = $this->option('timeout');

        if (! is_numeric($seconds) || $seconds < 0) {
            $this->components->error('--timeout must be a number of seconds.');

            return self::INVALID;
        }

        try {
            $wait->prepare();
            $flag = $restartFlag->raise($this->currentTime());
        } catch (Throwable $exception) {
            $this->components->error(LogLine::markup(LogLine::sentence("{$this->store($config)} cannot be used, so that no server was reached: {$exception->getMessage()}").' `php artisan reverb:doctor` shows the fix.'));

            return self::MISSING;
        }

        $this->announce();

        return $this->await($wait->outcomes($flag, (float) $seconds), $config);
    }

    /** Prints the line that Reverb prints. */
    private function announce(): void
    {
        $this->components->info('Broadcasting Reverb restart signal.');
    }

    /** @param  iterable<RestartOutcome>  $outcomes */
    private function await(iterable $outcomes, ReverbConfig $config): int
    {
        $results = [];

        foreach ($outcomes as $outcome) {
            $mark = match ($outcome->result) {
                RestartOutcome::RESTARTED => '<fg=green>✓</>',
                RestartOutcome::FAILED => '<fg=red>✗</>',
                RestartOutcome::MISSING => '<fg=yellow>?</>',
            };
            $this->line("  {$mark} ".LogLine::markup("{$outcome->record->name()} {$outcome->sentence}"));
            $results[] = $outcome->result;
        }

        if ($results === []) {
            $this->components->error(LogLine::markup("{$this->store($config)} has no record of a running server. Start one with `php artisan reverb:start`; one that runs has another CACHE_STORE or CACHE_PREFIX, or is of an earlier version of Revurb."));
        }

        return match (true) {
            in_array(RestartOutcome::FAILED, $results, true) => self::FAILURE,
            $results === [], in_array(RestartOutcome::MISSING, $results, true) => self::MISSING,
            default => self::SUCCESS,
        };
    }

    private function store(ReverbConfig $config): string
    {
        return rtrim("The cache store {$config->cacheStore()}");
    }
}
