<?php

declare(strict_types=1);

namespace Revurb\Console;

use ErrorException;
use Illuminate\Console\Command;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Revurb\Environment\EnvFile;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvironmentReader;
use Revurb\Install\Broadcasting;
use Revurb\Install\CachedFiles;
use Revurb\Install\NextSteps;
use Revurb\Install\Remaining;
use Revurb\Install\ReverbVariables;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Input\InputDefinition;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Adds what is missing and prints what it has done. Existing lines and files are left unchanged, so a second run changes nothing.
 */
#[AsCommand(name: 'reverb:install')]
final class Install extends Command
{
    protected $signature = 'reverb:install
                {--stubs= : Write files for where the application is served, and nothing else: all, or any of apache,caddy,docker,docker-php,forge,haproxy,kubernetes,nginx,sail,supervisor,systemd}
                {--force : With --stubs, overwrite files that exist}';

    protected $description = 'Install what the WebSocket server needs: Bun, configuration, broadcasting';

    protected function configure(): void
    {
        Questions::addOptions($this);
    }

    public function handle(
        Application $app,
        Filesystem $files,
        EnvironmentReader $environmentReader,
        Broadcasting $broadcasting,
        BroadcastingInstallation $broadcastingInstallation,
        BunInstallation $bun,
        CachedFiles $cached,
        NextSteps $next,
        StubInstallation $stubs,
    ): int {
        $questions = new Questions($this->input);

        if (($fault = $this->faultOfOptions($questions)) !== null) {
            $this->components->error($fault);

            return self::FAILURE;
        }

        if (($chosen = $this->stubs()) !== null) {
            return $stubs->write($chosen, (bool) $this->option('force'), $this->components, $this->output) ? self::SUCCESS : self::FAILURE;
        }

        $this->publishConfig($files, $app->configPath('reverb.php'));
        $environment = $environmentReader->read();

        if ($environment->file === null && $files->exists($app->environmentFilePath())) {
            $this->components->error("{$app->environmentFilePath()} cannot be read by this user.");

            return self::FAILURE;
        }

        if ($environment->file === null) {
            $remaining = [Questions::BUN => $bun->run($questions, $this->components, $this->call(...))];
            $this->components->warn("There is no {$app->environmentFile()}: without it the server has no app, so nothing can be published and no client can connect.");
            $this->showNext(NextSteps::withoutEnvironment(self::present($remaining), $app->environmentFile(), $files->exists($app->basePath('.env.example'))));

            return $this->codeOf($remaining, $questions);
        }

        $path = $app->environmentFilePath();
        $variables = ReverbVariables::completing($environment->file);

        if (! $this->writeEnvironment($files, $path, $environment->file, $variables->file, $variables->done)) {
            return self::FAILURE;
        }

        [$file, $done, $declined] = $this->chooseConnection($variables->file, $environment, $broadcasting, $questions);

        if (! $this->writeEnvironment($files, $path, $variables->file, $file, $done)) {
            return self::FAILURE;
        }

        $broadcastingInstallation->completeConfig($this->components);
        $definition = $this->getApplication()?->find(BroadcastingInstallation::COMMAND)->getDefinition() ?? new InputDefinition;

        // What takes long comes last.
        $remaining = [
            Questions::BROADCASTING => $broadcastingInstallation->enable($questions, $this->components, $definition, $this->call(...)),
            Questions::BUN => $bun->run($questions, $this->components, $this->call(...)),
            Questions::NODE => $broadcastingInstallation->installPackages($questions, $this->components),
        ];

        $this->components->info('Reverb installed successfully.');
        $this->showNext($next->all(self::present([$declined, $cached->remaining(), ...$remaining])));

        return $this->codeOf($remaining, $questions);
    }

    /** What is wrong with the options together, or null. */
    private function faultOfOptions(Questions $questions): ?string
    {
        $others = implode(', ', $questions->options());

        $stubs = $this->stubs();

        return match (true) {
            $stubs === '' => '--stubs needs a name: --stubs=all, or one such as --stubs=nginx.',
            $stubs !== null && $others !== '' => "--stubs writes files for where the application is served, and nothing else: leave out {$others}, or run the command a second time for them.",
            $stubs === null && $this->option('force') => '--force overwrites the files of --stubs, which was not given. Without --stubs no existing file is overwritten.',
            default => null,
        };
    }

    /** What --stubs names, empty if it names nothing; null without --stubs, which has the same value as an option that names nothing. */
    private function stubs(): ?string
    {
        $names = $this->option('stubs');

        return $this->input->hasParameterOption('--stubs', true) ? (is_string($names) ? $names : '') : null;
    }

    private function publishConfig(Filesystem $files, string $target): void
    {
        if ($files->exists($target)) {
            $this->report('config/reverb.php', 'kept');

            return;
        }

        $files->ensureDirectoryExists(dirname($target));
        $files->copy(dirname(__DIR__).'/config/reverb.php', $target);
        $this->report('config/reverb.php', 'written');
    }

    /**
     * Asks as Reverb's installer does, and assumes yes without a terminal.
     *
     * @return array{EnvFile, array<string, string>, Remaining|null} with what to report once the file is written
     */
    private function chooseConnection(EnvFile $file, Environment $environment, Broadcasting $broadcasting, Questions $questions): array
    {
        $variable = $broadcasting->variable();
        $connection = $broadcasting->connection($environment);

        if ($broadcasting->isReverb($connection)) {
            return [$file, [$variable => 'kept'], null];
        }

        $now = $connection ?? 'not set';

        if (! $questions->isYes(Questions::CONNECTION, 'Would you like to enable the Reverb broadcasting driver?')) {
            return [$file, [], new Remaining("{$variable} is {$now} instead of reverb", ['php artisan reverb:install --connection'])];
        }

        return [$file->with($variable, 'reverb'), [$variable => "reverb; it was {$now}"], null];
    }

    /**
     * Before the next question, at which the command may be ended.
     *
     * @param  array<string, string>  $done  what was done to each line, by its name
     */
    private function writeEnvironment(Filesystem $files, string $path, EnvFile $before, EnvFile $after, array $done): bool
    {
        try {
            if ($after->text !== $before->text) {
                $files->put($path, $after->text);
            }
        } catch (ErrorException) {
            $this->components->error("{$path} cannot be written by this user, and stays as it is. Make it writable and run `php artisan reverb:install` again.");

            return false;
        }

        array_walk($done, fn (string $done, string $name) => $this->report($name, $done));

        return true;
    }

    /**
     * A failure ends the command with an error only if an option demanded what has failed.
     *
     * @param  array<string, Remaining|null>  $remaining  by the option
     */
    private function codeOf(array $remaining, Questions $questions): int
    {
        $failed = array_filter($remaining, static fn (?Remaining $step, string $option): bool => $step?->isFailure === true && $questions->isDemanded($option), ARRAY_FILTER_USE_BOTH);

        return $failed === [] ? self::SUCCESS : self::FAILURE;
    }

    /**
     * @param  array<array-key, Remaining|null>  $remaining
     * @return list<Remaining> those that have commands
     */
    private static function present(array $remaining): array
    {
        return array_values(array_filter($remaining, static fn (?Remaining $step): bool => $step !== null && $step->commands !== []));
    }

    /** @param  array<string, list<string>>  $steps  NextSteps */
    private function showNext(array $steps): void
    {
        foreach ($steps as $heading => $lines) {
            $this->output->writeln(["  {$heading}", '', ...array_map(static fn (string $line): string => "    {$line}", $lines), ...$lines === [] ? [] : ['']], OutputInterface::OUTPUT_RAW);
        }
    }

    private function report(string $what, string $done): void
    {
        $this->components->twoColumnDetail($what, $done);
    }
}
