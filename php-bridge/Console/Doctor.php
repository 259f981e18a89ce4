<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Report;
use Revurb\Doctor\Status;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Runs the checks of the doctor. Exit codes: 0 if it works, with warnings or without, 1 if it does not.
 */
#[AsCommand(name: 'reverb:doctor')]
final class Doctor extends Command
{
    private const NAME_WIDTH = 12;

    protected $signature = 'reverb:doctor
                {--json : One line, for programs}
                {--host= : As given to reverb:start}
                {--port= : As given to reverb:start}
                {--path= : As given to reverb:start}
                {--hostname= : As given to reverb:start}';

    protected $description = 'Check the connections between Laravel, the Reverb server and the browsers';

    public function handle(DoctorContextFactory $contexts, CheckRunner $runner): int
    {
        $results = [];

        foreach ($runner->of($contexts->read(Overrides::fromOptions($this->options()))) as $name => $result) {
            $results[$name] = $result;

            if (! $this->option('json')) {
                $this->show($name, $result);
            }
        }

        $report = new Report($results);

        if ($this->option('json')) {
            $this->output->writeln((string) json_encode($report->toArray(), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), OutputInterface::OUTPUT_RAW);
        } else {
            $this->conclude($report);
        }

        return $report->isBroken() ? self::FAILURE : self::SUCCESS;
    }

    private function show(string $name, CheckResult $result): void
    {
        $mark = match ($result->status) {
            Status::Ok => '<fg=green>✓</>',
            Status::Hint => '<fg=blue>i</>',
            Status::Warning => '<fg=yellow>!</>',
            Status::Problem => '<fg=red>✗</>',
        };

        $this->line("  {$mark} ".str_pad($name, self::NAME_WIDTH).OutputFormatter::escape($result->subject));

        if ($result->problem !== null) {
            $this->line('      '.OutputFormatter::escape($result->problem));
            $this->line('      <fg=cyan>→</> '.OutputFormatter::escape((string) $result->fix));
        }
    }

    private function conclude(Report $report): void
    {
        $problems = $report->names(Status::Problem);
        $warnings = $report->names(Status::Warning);

        $this->newLine();
        $this->line('  '.match (true) {
            $problems !== [] => '<fg=red>Broken</>: '.implode(', ', $problems).'. Begin with the first.',
            $warnings !== [] => '<fg=yellow>It works</>, with warnings: '.implode(', ', $warnings).'.',
            default => '<fg=green>Healthy.</>',
        });
    }
}
