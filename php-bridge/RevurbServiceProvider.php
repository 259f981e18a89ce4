<?php

declare(strict_types=1);

namespace Revurb;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Foundation\CachesConfiguration;
use Illuminate\Foundation\Console\AboutCommand;
use Illuminate\Foundation\Events\VendorTagPublished;
use Illuminate\Queue\Queue;
use Illuminate\Support\ServiceProvider;
use Revurb\Bridge\AddedKeys;
use Revurb\Bridge\ConfigExcerpt;
use Revurb\Broadcasting\FailedAttempts;
use Revurb\Broadcasting\IdempotencyKeys;
use Revurb\Broadcasting\ReverbDriver;
use Revurb\Broadcasting\RunningJobs;
use Revurb\Console\Doctor;
use Revurb\Console\Install;
use Revurb\Console\ManageBun;
use Revurb\Console\RestartServer;
use Revurb\Console\ShowConfig;
use Revurb\Console\ShowStatus;
use Revurb\Console\StartServer;
use Revurb\Doctor\About;
use Revurb\Stubs\PublishedStubs;

/**
 * Registers the package with Laravel: bindings, commands, files to publish. It works with and without laravel/reverb, in either order of
 * discovery.
 */
final class RevurbServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__.'/config/reverb.php';

    /** A class that only newer versions of Laravel have. */
    private const DEV_COMMANDS = 'Illuminate\Foundation\DevCommands';

    public function register(): void
    {
        $this->mergeConfig();
        $this->bindings()->register();

        if (is_callable($addDevCommand = [self::DEV_COMMANDS, 'artisan'])) {
            $addDevCommand('reverb:start', 'reverb');
        }

        $this->recogniseRetriedJobs();
    }

    public function boot(): void
    {
        if (! $this->app->runningInConsole()) {
            return;
        }

        $this->publishConfig();
        $this->publishes($this->app->make(PublishedStubs::class)->paths($this->app->basePath()), 'revurb-stubs');
        $this->app->make(Dispatcher::class)->listen(VendorTagPublished::class, [PublishedStubs::class, 'handle']);

        // @phpstan-ignore function.alreadyNarrowedType (older versions of Laravel have no `reload`)
        if (method_exists($this, 'reloads')) {
            $this->reloads('reverb:restart', 'reverb');
        }

        AboutCommand::add(About::SECTION, About::class);

        // The last registration of a command wins, and Reverb registers its own when it boots.
        $this->app->booted(fn () => $this->commands([
            StartServer::class,
            RestartServer::class,
            ShowConfig::class,
            ShowStatus::class,
            Doctor::class,
            ManageBun::class,
            ...$this->bindings()->isReverbLoaded() ? [] : [Install::class],
        ]));
    }

    /**
     * laravel/reverb publishes its own file to the same place, under the first two tags, `--provider` and `--all`. If it is loaded, the
     * file of this package is copied only by a tag of its own, so that neither ever replaces the other.
     */
    private function publishConfig(): void
    {
        $paths = [self::CONFIG => $this->app->configPath('reverb.php')];

        if ($this->bindings()->isReverbLoaded()) {
            $this->addPublishGroup('revurb-config', $paths);
        } else {
            $this->publishes($paths, ['reverb', 'reverb-config', 'revurb-config']);
        }
    }

    /** A cached configuration contains these keys already, and the variables of .env are not loaded then. */
    private function mergeConfig(): void
    {
        $this->app->singleton(AddedKeys::class, fn (): AddedKeys => AddedKeys::of(require self::CONFIG));
        $this->app->bind(ConfigExcerpt::class, fn (): ConfigExcerpt => new ConfigExcerpt((string) file_get_contents(self::CONFIG)));

        if ($this->app instanceof CachesConfiguration && $this->app->configurationIsCached()) {
            return;
        }

        $this->mergeConfigFrom(self::CONFIG, 'reverb');

        $config = $this->app->make(Repository::class);
        $config->set('reverb', $this->app->make(AddedKeys::class)->addTo($config->get('reverb')));
    }

    /** One object for the whole process: a server like Octane gives each request a copy of the container. */
    private function recogniseRetriedJobs(): void
    {
        $this->app->singleton(FailedAttempts::class);
        $this->app->instance(RunningJobs::class, $jobs = new RunningJobs(fn (): FailedAttempts => $this->app->make(FailedAttempts::class)));
        $this->app->make(Dispatcher::class)->subscribe($jobs);
        Queue::createPayloadUsing(fn (mixed $connection, mixed $queue, array $payload): array => $jobs->additionsTo($payload));

        $this->callAfterResolving(BroadcastManager::class, fn (BroadcastManager $manager) => ReverbDriver::replace(
            $manager,
            fn (array $connection): array => $this->app->make(IdempotencyKeys::class)->addTo($connection),
        ));
    }

    private function bindings(): Bindings
    {
        return new Bindings($this->app);
    }
}
