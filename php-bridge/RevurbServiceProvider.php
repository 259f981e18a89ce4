<?php

declare(strict_types=1);

namespace Revurb;

use Closure;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Contracts\Foundation\CachesConfiguration;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Console\AboutCommand;
use Illuminate\Foundation\Events\VendorTagPublished;
use Illuminate\Queue\Queue;
use Illuminate\Support\ServiceProvider;
use Revurb\Apps\AppList;
use Revurb\Apps\AppSource;
use Revurb\Apps\ConfiguredApps;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Bridge\AddedKeys;
use Revurb\Bridge\ConfigExcerpt;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\TlsOptions;
use Revurb\Broadcasting\FailedAttempts;
use Revurb\Broadcasting\IdempotencyKeys;
use Revurb\Broadcasting\ReverbDriver;
use Revurb\Broadcasting\RunningJobs;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\VersionProbe;
use Revurb\Console\Doctor;
use Revurb\Console\Install;
use Revurb\Console\RestartServer;
use Revurb\Console\ShowConfig;
use Revurb\Console\ShowStatus;
use Revurb\Console\StartServer;
use Revurb\Doctor\About;
use Revurb\Doctor\Checks\LaravelRedisPing;
use Revurb\Doctor\Checks\RedisPing;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\StreamNetwork;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvironmentReader;
use Revurb\Events\EventBridge;
use Revurb\Events\PackageEvents;
use Revurb\Install\NodePackages;
use Revurb\Restart\SelfExec;
use Revurb\Restart\SystemSelfExec;
use Revurb\Reverb\LaravelReverb;
use Revurb\Reverb\ReverbApps;
use Revurb\Reverb\ReverbEvents;
use Revurb\Server\Launcher;
use Revurb\Server\ServerScript;
use Revurb\Server\SystemLauncher;
use Revurb\Stubs\PublishedStubs;
use Revurb\Stubs\SailValues;
use Revurb\Supervision\AppsWatch;
use Revurb\Supervision\NotifySocket;
use Revurb\Supervision\PeriodicTask;
use Revurb\Supervision\Preloading;
use Revurb\Supervision\Supervisor;
use Revurb\System\Clock;
use Revurb\System\HomeFolders;
use Revurb\System\Platform;
use Revurb\System\SystemClock;
use Throwable;

/**
 * Registers the package with Laravel: bindings, commands, files to publish. It works with and without laravel/reverb, in either order of
 * discovery.
 */
final class RevurbServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__.'/config/reverb.php';

    private const SCRIPT = __DIR__.'/../dist/revurb.js';

    /** If Pulse or Telescope is installed, it collects entries until it is called to store them. */
    private const PULSE = 'Laravel\Pulse\Pulse';

    private const TELESCOPE = 'Laravel\Telescope\Telescope';

    private const TELESCOPE_ENTRIES = 'Laravel\Telescope\Contracts\EntriesRepository';

    /** The parser of symfony/yaml. Compose has tags of its own, such as `!reset`, which are errors without the flag. */
    private const YAML = 'Symfony\Component\Yaml\Yaml';

    private const YAML_CUSTOM_TAGS = 512;

    /** A class that only newer versions of Laravel have. */
    private const DEV_COMMANDS = 'Illuminate\Foundation\DevCommands';

    public function register(): void
    {
        $this->mergeConfig();

        $this->app->bindIf(AppSource::class, $this->appSource(...));
        $this->app->bind(AppList::class, fn (Application $app): AppList => new AppList(fn (): AppSource => $app->make(AppSource::class)));
        $this->app->bindIf(EventBridge::class, $this->eventBridge(...));
        $this->app->bindIf(Clock::class, SystemClock::class);
        $this->app->bindIf(Platform::class, fn (): Platform => new Platform);
        $this->app->bindIf(Launcher::class, SystemLauncher::class);
        $this->app->bindIf(SelfExec::class, SystemSelfExec::class);
        $this->app->bindIf(NotifySocket::class, fn (): NotifySocket => new NotifySocket(getenv('NOTIFY_SOCKET') ?: null));
        $this->app->bindIf(VersionProbe::class, BunVersionProbe::class);
        $this->app->bindIf(Network::class, StreamNetwork::class);
        $this->app->bindIf(RedisPing::class, LaravelRedisPing::class);

        $this->app->bind(AppsWatch::class, fn (Application $app): AppsWatch => new AppsWatch(
            fn (): array => $app->make(DocumentBuilder::class)->apps(),
            $app->make(ExceptionHandler::class),
        ));
        $this->app->when(Supervisor::class)->needs('$tasks')->give($this->tasks(...));
        $this->app->when(Supervisor::class)->needs(Closure::class)->give(fn (Application $app): Closure => fn () => $app->make(Preloading::class)->run());
        $this->app->bind(TlsOptions::class, fn (Application $app): TlsOptions => new TlsOptions($app->basePath(), getenv('HOME') ?: getenv('USERPROFILE') ?: null));
        $this->app->bindIf(ServerScript::class, fn (): ServerScript => new ServerScript(realpath(self::SCRIPT) ?: self::SCRIPT, getenv()));
        $this->app->bindIf(BunFinder::class, fn (Application $app): BunFinder => new BunFinder(
            $app->make(VersionProbe::class),
            $app->basePath(),
            getenv('REVURB_BUN') ?: null,
            getenv('PATH') ?: '',
            HomeFolders::find($platform = $app->make(Platform::class)),
            $platform,
        ));

        $this->app->bind(SailValues::class, fn (Application $app): SailValues => new SailValues($app->basePath(), fn (): Environment => $app->make(EnvironmentReader::class)->read(), self::yaml(self::YAML)));
        $this->app->bind(NodePackages::class, fn (Application $app): NodePackages => new NodePackages($app->basePath(), $app->make(Filesystem::class)));

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
            ...$this->isReverbLoaded() ? [] : [Install::class],
        ]));
    }

    /**
     * laravel/reverb publishes its own file to the same place, under the first two tags, `--provider` and `--all`. If it is loaded, the
     * file of this package is copied only by a tag of its own, so that neither ever replaces the other.
     */
    private function publishConfig(): void
    {
        $paths = [self::CONFIG => $this->app->configPath('reverb.php')];

        if ($this->isReverbLoaded()) {
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

    /** @return (Closure(string): mixed)|null the parser that Laravel Sail requires; null: there is none */
    private static function yaml(string $class): ?Closure
    {
        $parse = [$class, 'parse'];

        return is_callable($parse) ? static fn (string $text): mixed => $parse($text, self::YAML_CUSTOM_TAGS) : null;
    }

    private function appSource(Application $app): AppSource
    {
        $config = $app->make(ReverbConfig::class);
        $configured = new ConfiguredApps($config->appsSection());

        if ($this->isBesideReverb()) {
            try {
                $provider = $app->make(LaravelReverb::APP_PROVIDER);
            } catch (Throwable $exception) {
                throw UnreadableApps::resolved(LaravelReverb::APP_PROVIDER, $exception);
            }

            // Reverb's own provider reads the same configuration, but stops at the first missing key without naming it.
            return $provider::class === LaravelReverb::CONFIG_PROVIDER ? $configured : new ReverbApps($provider, $configured);
        }

        return $config->appProvider() === 'config' ? $configured : throw new UnknownAppProvider($config->appProvider());
    }

    private function eventBridge(Application $app): EventBridge
    {
        if (! $this->isBesideReverb()) {
            return new PackageEvents($app->make(Dispatcher::class));
        }

        $this->app->bindIf(LaravelReverb::CHANNEL_CONNECTIONS, LaravelReverb::NO_CHANNEL_CONNECTIONS);

        return new ReverbEvents($app->make(Dispatcher::class), fn () => $app->make(LaravelReverb::APP_PROVIDER));
    }

    /** @return list<PeriodicTask> */
    private function tasks(Application $app): array
    {
        $config = $app->make(ReverbConfig::class);
        $tasks = [];

        if ($app->bound(self::PULSE)) {
            $tasks[] = new PeriodicTask($config->ingestInterval('pulse'), fn () => $app->make(self::PULSE)->ingest());
        }

        if ($app->bound(self::TELESCOPE_ENTRIES) && is_callable($store = [self::TELESCOPE, 'store'])) {
            $tasks[] = new PeriodicTask($config->ingestInterval('telescope'), fn () => $store($app->make(self::TELESCOPE_ENTRIES)));
        }

        return $tasks;
    }

    private function isBesideReverb(): bool
    {
        return $this->isReverbLoaded() && $this->app->bound(LaravelReverb::APP_PROVIDER);
    }

    /** Whether laravel/reverb is loaded; an application may install it and not load it. */
    private function isReverbLoaded(): bool
    {
        return $this->app->getProviders(LaravelReverb::SERVICE_PROVIDER) !== [];
    }
}
