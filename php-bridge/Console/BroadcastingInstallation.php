<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Illuminate\Console\Command;
use Illuminate\Console\View\Components\Factory;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Revurb\Install\Broadcasting;
use Revurb\Install\EchoScript;
use Revurb\Install\NodePackages;
use Revurb\Install\Remaining;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Input\InputDefinition;
use Throwable;

/**
 * The part of `reverb:install` that sets up broadcasting: the connection, channels, Echo and its packages.
 */
final readonly class BroadcastingInstallation
{
    public const COMMAND = 'install:broadcasting';

    private const OPTIONS = ['--reverb', '--without-reverb', '--without-node'];

    public function __construct(
        private Application $app,
        private Filesystem $files,
        private Broadcasting $broadcasting,
        private EchoScript $echo,
        private NodePackages $packages,
    ) {}

    public function completeConfig(Factory $components): void
    {
        match ($this->broadcasting->addConnection()) {
            true => $components->twoColumnDetail('config/broadcasting.php', 'connection reverb added'),
            false => $components->warn('config/broadcasting.php has no "reverb" connection: add the one of Laravel\'s own config/broadcasting.php.'),
            null => null,
        };

        if ($this->broadcasting->enableProvider()) {
            $components->twoColumnDetail('config/app.php', 'BroadcastServiceProvider enabled');
        }
    }

    /**
     * Adds channels and Echo. Laravel's own command does it, except in an application that has channels.
     *
     * @param  Closure(string, array<string, mixed>): int  $call  runs an artisan command
     */
    public function enable(Questions $questions, Factory $components, InputDefinition $laravels, Closure $call): ?Remaining
    {
        if ($this->broadcasting->hasChannels()) {
            return $this->addEcho($questions, $components);
        }

        $options = array_values(array_filter(self::OPTIONS, static fn (string $option): bool => $laravels->hasOption(ltrim($option, '-'))));

        if (! $questions->isYes(Questions::BROADCASTING, 'Would you like to enable event broadcasting?')) {
            $components->warn('There is no routes/channels.php, so no client can subscribe to a private channel: `php artisan reverb:install --broadcasting` writes it.');

            return null;
        }

        // With these options it asks nothing: Ctrl+C would leave its change of .env.
        return $this->keepingEnvironment(function () use ($call, $options, $questions, $components): ?Remaining {
            try {
                $call(self::COMMAND, array_fill_keys([...$options, ...$questions->hasTerminal() ? [] : ['--no-interaction']], true));

                // The command of Laravel 11 adds it only below a line for commands as the skeleton has it, and reports nothing.
                if (! $this->broadcasting->loadsChannels()) {
                    $components->warn("bootstrap/app.php does not load routes/channels.php: add channels: __DIR__.'/../routes/channels.php' to withRouting.");
                }

                return null;
            } catch (Throwable $exception) {
                $command = 'php artisan '.self::COMMAND.' '.implode(' ', $options);
                $components->warn(OutputFormatter::escape("`{$command}` failed: {$exception->getMessage()}"));

                return new Remaining('broadcasting could not be enabled', [$command], isFailure: true);
            }
        });
    }

    public function installPackages(Questions $questions, Factory $components): ?Remaining
    {
        $commands = $this->packages->commands();

        // Without its script, no page imports the packages.
        if ($commands === [] || ($this->echo->isMissing() && ! $questions->isDemanded(Questions::NODE))) {
            return null;
        }

        $manager = $this->packages->manager();

        if (! $this->packages->isManagerInstalled()) {
            return new Remaining("{$manager} was not found", $commands, isFailure: true);
        }

        if (! function_exists('proc_open')) {
            return new Remaining("PHP cannot run {$manager} without proc_open", $commands, isFailure: true);
        }

        if (! $questions->isYes(Questions::NODE, 'Would you like to install and build the Node dependencies?', unattended: false, hint: implode(', ', $commands))) {
            $isUnattended = ! $questions->isAnswered(Questions::NODE) && ! $questions->hasTerminal();

            return new Remaining($isUnattended ? 'Node packages are installed only with --node if there is no terminal' : 'Node packages were not installed', $commands);
        }

        foreach ($commands as $done => $command) {
            if (! $this->packages->run($command)) {
                $components->warn("`{$command}` failed.");

                return new Remaining("`{$command}` failed", array_slice($commands, $done), isFailure: true);
            }

            $components->twoColumnDetail($command, 'done');
        }

        return null;
    }

    /** Without a terminal it has to be demanded: on a server, a new import would end the build if the package is not installed there. */
    private function addEcho(Questions $questions, Factory $components): ?Remaining
    {
        if (! $this->echo->isMissing()) {
            return null;
        }

        if (! $this->echo->canAdd()) {
            return $this->reportEcho($questions, $components);
        }

        if (! $questions->isYes(Questions::BROADCASTING, 'Would you like to add Laravel Echo to resources/js?', unattended: false)) {
            return null;
        }

        $importing = (string) $this->echo->add();
        $components->twoColumnDetail('resources/js/echo.js', 'written');
        $components->twoColumnDetail($importing, 'import of ./echo added');

        return null;
    }

    private function reportEcho(Questions $questions, Factory $components): ?Remaining
    {
        $isDemanded = $questions->isDemanded(Questions::BROADCASTING);

        if ($isDemanded || ($questions->hasTerminal() && ! $questions->isAnswered(Questions::BROADCASTING))) {
            $components->warn('Laravel Echo has to be added to your scripts by hand: see https://laravel.com/docs/broadcasting#client-side-installation.');
        }

        return $isDemanded ? new Remaining('Laravel Echo was not added', [], isFailure: true) : null;
    }

    /**
     * Laravel's command also sets BROADCAST_CONNECTION, whatever the answer was, and adds a second line if the existing one has a comment
     * or another line end.
     *
     * @param  Closure(): ?Remaining  $do
     */
    private function keepingEnvironment(Closure $do): ?Remaining
    {
        $file = $this->app->basePath('.env');
        $before = $this->files->exists($file) ? $this->files->get($file) : null;
        $remaining = $do();

        if ($before !== null && $this->files->get($file) !== $before) {
            $this->files->put($file, $before);
        }

        return $remaining;
    }
}
