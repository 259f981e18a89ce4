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
use Revurb\Install\NextSteps;
use Revurb\Install\NodePackages;
use Revurb\Install\ReverbVariables;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;
use Throwable;

use function Laravel\Prompts\confirm;

/**
 * Adds what is missing and prints what it has done. Existing lines and files are left unchanged, so a second run changes nothing.
 */
#[AsCommand(name: 'reverb:install')]
final class Install extends Command
{
    protected $signature = 'reverb:install
                {--stubs= : Write files for where the application is served, and nothing else: all, or any of apache,caddy,docker,docker-php,forge,haproxy,kubernetes,nginx,sail,supervisor,systemd}
                {--force : Overwrite files that exist}';

    private const BROADCASTING = 'install:broadcasting';

    protected $description = 'Install the Reverb dependencies';

    public function handle(
        Application $app,
        Filesystem $files,
        EnvironmentReader $environmentReader,
        Broadcasting $broadcasting,
        NodePackages $packages,
        NextSteps $next,
        StubInstallation $stubs,
    ): int {
        if (is_string($chosen = $this->option('stubs'))) {
            return $stubs->write($chosen, (bool) $this->option('force'), $this->components, $this->output) ? self::SUCCESS : self::FAILURE;
        }

        $this->publishConfig($files, $app->configPath('reverb.php'));
        $environment = $environmentReader->read();

        if ($environment->file === null && $files->exists($app->environmentFilePath())) {
            $this->components->error("{$app->environmentFilePath()} cannot be read by this user.");

            return self::FAILURE;
        }

        if ($environment->file === null) {
            $this->components->warn("There is no {$app->environmentFile()}: without it the server has no app, so nothing can be published and no client can connect.");
            $this->showNext(NextSteps::withoutEnvironment($app->environmentFile(), $files->exists($app->basePath('.env.example'))));

            return self::SUCCESS;
        }

        $path = $app->environmentFilePath();
        $variables = ReverbVariables::completing($environment->file);

        if (! $this->writeEnvironment($files, $path, $environment->file, $variables->file, $variables->done)) {
            return self::FAILURE;
        }

        [$file, $done] = $this->chooseConnection($variables->file, $environment, $broadcasting);

        if (! $this->writeEnvironment($files, $path, $variables->file, $file, $done)) {
            return self::FAILURE;
        }

        $this->completeBroadcasting($broadcasting);
        $this->enableBroadcasting($files, $app->basePath('.env'), $broadcasting, $packages);

        $this->components->info('Reverb installed successfully.');
        $this->showNext($next->all());

        return self::SUCCESS;
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
     * @return array{EnvFile, array<string, string>} with what to report once the file is written
     */
    private function chooseConnection(EnvFile $file, Environment $environment, Broadcasting $broadcasting): array
    {
        $variable = $broadcasting->variable();
        $connection = $broadcasting->connection($environment);

        if ($broadcasting->isReverb($connection)) {
            return [$file, [$variable => 'kept']];
        }

        $now = $connection ?? 'not set';

        if (! confirm('Would you like to enable the Reverb broadcasting driver?', default: true)) {
            $this->components->warn("{$variable} is {$now}: Laravel publishes nothing to this server until it is reverb.");

            return [$file, []];
        }

        return [$file->with($variable, 'reverb'), [$variable => "reverb; it was {$now}"]];
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

    private function completeBroadcasting(Broadcasting $broadcasting): void
    {
        match ($broadcasting->addConnection()) {
            true => $this->report('config/broadcasting.php', 'connection reverb added'),
            false => $this->components->warn('config/broadcasting.php has no "reverb" connection: add the one of Laravel\'s own config/broadcasting.php.'),
            null => null,
        };

        if ($broadcasting->enableProvider()) {
            $this->report('config/app.php', 'BroadcastServiceProvider enabled');
        }
    }

    /** Laravel's own command writes the rest: the channels, their route, and the script with Echo. */
    private function enableBroadcasting(Filesystem $files, string $env, Broadcasting $broadcasting, NodePackages $packages): void
    {
        if ($broadcasting->hasChannels()) {
            return;
        }

        $options = $this->broadcastingOptions();
        $command = 'php artisan '.self::BROADCASTING.' '.implode(' ', array_keys($options));

        if (! confirm('Would you like to enable event broadcasting?', default: true)) {
            $this->components->warn("There is no routes/channels.php, so no client can subscribe to a private channel: `{$command}` writes it.");

            return;
        }

        $before = $files->exists($env) ? $files->get($env) : null;

        try {
            $this->call(self::BROADCASTING, $options);
        } catch (Throwable $exception) {
            $this->components->warn(OutputFormatter::escape("`{$command}` failed: {$exception->getMessage()}"));
        }

        // The command also sets BROADCAST_CONNECTION, whatever the answer was, and adds a second line if the existing one has a comment or
        // another line end.
        if ($before !== null && $files->get($env) !== $before) {
            $files->put($env, $before);
        }

        $this->installPackages($packages);
    }

    /** @return array<string, true> options that this version of Laravel has, so that it asks nothing: Ctrl+C would leave its change of .env */
    private function broadcastingOptions(): array
    {
        $definition = $this->getApplication()?->find(self::BROADCASTING)->getDefinition();
        $wanted = ['--reverb', '--without-reverb', '--without-node'];
        $known = array_filter($wanted, static fn (string $option): bool => $definition?->hasOption(ltrim($option, '-')) === true);

        return array_fill_keys([...$known, ...$this->hasTerminal() ? [] : ['--no-interaction']], true);
    }

    /** The question of Laravel's own command, which would also add packages that package.json has. */
    private function installPackages(NodePackages $packages): void
    {
        $commands = $this->hasTerminal() && function_exists('proc_open') ? $packages->commands() : [];

        if ($commands === [] || ! confirm('Would you like to install and build the Node dependencies required for broadcasting?', default: true)) {
            return;
        }

        if (! $packages->run($command = implode(' && ', $commands))) {
            $this->components->warn("`{$command}` failed.");
        }
    }

    private function hasTerminal(): bool
    {
        return $this->input->isInteractive() && stream_isatty(STDIN);
    }

    /** @param  array<string, list<string>>  $steps  NextSteps */
    private function showNext(array $steps): void
    {
        foreach ($steps as $heading => $lines) {
            $this->output->writeln(["  {$heading}", '', ...array_map(static fn (string $line): string => "    {$line}", $lines), ''], OutputInterface::OUTPUT_RAW);
        }
    }

    private function report(string $what, string $done): void
    {
        $this->components->twoColumnDetail($what, $done);
    }
}
