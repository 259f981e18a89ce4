<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\RunningConfiguration;
use Revurb\Log\LogLine;
use Revurb\Status\Fault;
use Revurb\Status\Health;
use Revurb\Status\LastRestart;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\Clock;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Output\OutputInterface;
use Throwable;

/**
 * Shows the published state of every server. Exit codes: 0 if all servers work, with warnings or without, 1 if something is wrong with one,
 * or none runs.
 */
#[AsCommand(name: 'reverb:status')]
final class ShowStatus extends Command
{
    private const TIME = 'Y-m-d H:i:s';

    protected $signature = 'reverb:status
                {--json : One line, for programs}';

    protected $description = 'Show every Reverb server that shares the cache, and what is wrong with it';

    public function handle(Servers $servers, RunningConfiguration $running, Clock $clock, ReverbConfig $config): int
    {
        $now = (int) $clock->time();

        try {
            $records = $servers->all();
        } catch (Throwable $exception) {
            return $this->failToRead($exception, $config);
        }

        $current = array_map($running->isCurrent(...), $records);
        $faults = array_map(static fn (ServerRecord $record, ?bool $isCurrent): array => Health::faults($record, $isCurrent, $now, $running->otherAddress($record)), $records, $current);
        $verdict = self::verdict($records, array_merge(...$faults), $now);

        if ($this->option('json')) {
            $this->writeJson(['verdict' => $verdict, 'servers' => array_map(static fn (ServerRecord $record, ?bool $isCurrent, array $faults): array => [
                ...$record->toArray(),
                'options' => (object) $record->options,
                'state' => self::stateOf($record, $now),
                'current' => $isCurrent,
                'faults' => array_map(get_object_vars(...), $faults),
            ], $records, $current, $faults)]);
        } else {
            foreach ($records as $i => $record) {
                $this->show($record, $current[$i], $faults[$i], $now);
            }

            $this->conclude($verdict, $records, $now);
        }

        return $verdict === 'broken' ? self::FAILURE : self::SUCCESS;
    }

    /**
     * @param  list<ServerRecord>  $records
     * @param  list<Fault>  $faults
     * @return 'healthy'|'warnings'|'broken' in the words of the doctor
     */
    private static function verdict(array $records, array $faults, int $now): string
    {
        $wrong = array_filter($faults, static fn (Fault $fault): bool => ! $fault->isWarning);

        return match (true) {
            ! self::doesAnyServe($records, $now), $wrong !== [] => 'broken',
            $faults !== [] => 'warnings',
            default => 'healthy',
        };
    }

    /** @param  list<ServerRecord>  $records */
    private static function doesAnyServe(array $records, int $now): bool
    {
        return array_filter($records, static fn (ServerRecord $record): bool => Health::isServing($record, $now)) !== [];
    }

    private static function stateOf(ServerRecord $record, int $now): string
    {
        return Health::isGone($record, $now) ? 'gone' : $record->state;
    }

    private function failToRead(Throwable $exception, ReverbConfig $config): int
    {
        $sentence = LogLine::sentence("The cache store {$config->cacheStore()} cannot be read: {$exception->getMessage()}");

        if ($this->option('json')) {
            $this->writeJson(['verdict' => 'broken', 'servers' => [], 'fault' => $sentence]);
        } else {
            $this->components->error(LogLine::markup("{$sentence} `php artisan reverb:doctor` shows the fix."));
        }

        return self::FAILURE;
    }

    /** @param  array<string, mixed>  $content */
    private function writeJson(array $content): void
    {
        $this->output->writeln((string) json_encode($content, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), OutputInterface::OUTPUT_RAW);
    }

    /** @param  list<Fault>  $faults */
    private function show(ServerRecord $record, ?bool $isCurrent, array $faults, int $now): void
    {
        $state = self::stateOf($record, $now);
        $colour = match ($state) {
            ServerRecord::READY => 'green',
            'gone' => 'red',
            default => 'yellow',
        };

        $this->newLine();
        $this->components->twoColumnDetail('<options=bold>'.LogLine::markup($record->name()).'</>', "<fg={$colour}>{$state}</>");

        foreach (self::details($record, $isCurrent, $now) as $name => $value) {
            $this->components->twoColumnDetail($name, LogLine::markup($value));
        }

        foreach ($faults as $fault) {
            $this->line($fault->isWarning ? '  <fg=yellow>!</> '.LogLine::markup($fault->detail) : '  <fg=red>✗</> '.LogLine::markup($fault->detail));
            $this->line('    <fg=cyan>→</> '.LogLine::markup($fault->fix));
        }
    }

    /** @return array<string, string> */
    private static function details(ServerRecord $record, ?bool $isCurrent, int $now): array
    {
        $server = $record->server;
        $isPast = in_array(self::stateOf($record, $now), ['gone', ServerRecord::STOPPED], true);
        $since = $isPast ? 'started at' : 'up since';
        $whenSeen = $isPast ? ' when last seen' : '';
        $options = array_map(static fn (string $name, string|true $value): string => $value === true ? "--{$name}" : "--{$name}={$value}", array_keys($record->options), $record->options);

        return [
            ...$server === null ? [] : [
                'Versions' => "Revurb {$server->revurb}, Bun {$server->bun}",
                'Release' => $server->release,
                'Server' => "pid {$server->pid}, {$since} ".self::moment($server->since, $now),
            ],
            'Supervisor' => "pid {$record->pid}, {$since} ".self::moment($record->since, $now),
            ...$options === [] ? [] : ['Options' => implode(' ', $options)],
            ...$server === null || $isPast ? [] : [
                'Configuration' => match ($isCurrent) {
                    true => 'current',
                    false => 'not the current one',
                    null => 'cannot be compared here',
                },
            ],
            ...$server === null ? [] : [
                'Connections' => $server->sockets === null ? 'unknown since the restart that failed' : $server->sockets.$whenSeen,
                'Redis' => $server->redis === null ? 'unknown since the restart that failed' : $server->redis.$whenSeen,
            ],
            'Last restart' => self::restart($record->restart, $isPast, $now),
            'Crashes' => $record->crashes->count === 0 || $record->crashes->at === null ? 'none' : "{$record->crashes->count}, last with exit code {$record->crashes->code} at ".self::moment($record->crashes->at, $now),
            'Last seen' => self::moment($record->seen, $now),
        ];
    }

    private static function restart(?LastRestart $restart, bool $isPast, int $now): string
    {
        if ($restart === null) {
            return 'none';
        }

        return match ($restart->outcome) {
            LastRestart::DONE => "done in {$restart->seconds} s".match ($restart->moved) {
                null => '',
                1 => ', 1 connection moved',
                default => ", {$restart->moved} connections moved",
            },
            LastRestart::FAILED => "failed after {$restart->seconds} s",
            LastRestart::POSTPONED => $isPast ? 'not completed' : 'postponed',
            default => $isPast ? 'not completed' : 'in progress',
        }.', begun '.self::moment((int) $restart->began, $now);
    }

    private static function moment(int $time, int $now): string
    {
        $ago = max(0, $now - $time);

        return date(self::TIME, $time).match (true) {
            $ago < 120 => " ({$ago} s ago)",
            $ago < 7200 => ' ('.intdiv($ago, 60).' min ago)',
            $ago < 172_800 => ' ('.intdiv($ago, 3600).' h ago)',
            default => ' ('.intdiv($ago, 86_400).' days ago)',
        };
    }

    /** @param  list<ServerRecord>  $records */
    private function conclude(string $verdict, array $records, int $now): void
    {
        if (! self::doesAnyServe($records, $now)) {
            $this->components->error('This cache store has no record of a running server: php artisan reverb:start. One that runs has another CACHE_STORE or CACHE_PREFIX, or was started a few seconds ago.');

            return;
        }

        $this->newLine();
        $this->line('  '.match ($verdict) {
            'broken' => '<fg=red>Something is wrong</>: see the lines with ✗.',
            'warnings' => '<fg=yellow>All servers run</>, with warnings.',
            default => '<fg=green>Healthy.</>',
        });
    }
}
