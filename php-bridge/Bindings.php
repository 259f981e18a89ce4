<?php

declare(strict_types=1);

namespace Revurb;

use Closure;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Filesystem\Filesystem;
use Revurb\Apps\AppList;
use Revurb\Apps\AppSource;
use Revurb\Apps\ConfiguredApps;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\TlsOptions;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\VersionProbe;
use Revurb\Console\Install;
use Revurb\Doctor\Checks\LaravelRedisPing;
use Revurb\Doctor\Checks\RedisPing;
use Revurb\Doctor\Probes\GuzzleNetwork;
use Revurb\Doctor\Probes\Network;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvironmentReader;
use Revurb\Events\EventBridge;
use Revurb\Events\PackageEvents;
use Revurb\Install\EchoScript;
use Revurb\Install\NodePackages;
use Revurb\Restart\SelfExec;
use Revurb\Restart\SystemSelfExec;
use Revurb\Reverb\LaravelReverb;
use Revurb\Reverb\ReverbApps;
use Revurb\Reverb\ReverbEvents;
use Revurb\Server\Launcher;
use Revurb\Server\ServerScript;
use Revurb\Server\SystemLauncher;
use Revurb\Stubs\PhpExtensions;
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
 * Binds the classes of the package: those that need values of the application, and those that an application or a test may replace.
 */
final readonly class Bindings
{
    private const SCRIPT = __DIR__.'/../dist/revurb.js';

    /** If Pulse or Telescope is installed, it collects entries until it is called to store them. */
    private const PULSE = 'Laravel\Pulse\Pulse';

    private const TELESCOPE = 'Laravel\Telescope\Telescope';

    private const TELESCOPE_ENTRIES = 'Laravel\Telescope\Contracts\EntriesRepository';

    /** The parser of symfony/yaml. Compose has tags of its own, such as `!reset`, which are errors without the flag. */
    private const YAML = 'Symfony\Component\Yaml\Yaml';

    private const YAML_CUSTOM_TAGS = 512;

    public function __construct(private Application $app) {}

    public function register(): void
    {
        $this->app->bindIf(AppSource::class, $this->appSource(...));
        $this->app->bind(AppList::class, fn (Application $app): AppList => new AppList(fn (): AppSource => $app->make(AppSource::class)));
        $this->app->bindIf(EventBridge::class, $this->eventBridge(...));
        $this->app->bindIf(Clock::class, SystemClock::class);
        $this->app->bindIf(Platform::class, fn (): Platform => new Platform);
        $this->app->bindIf(Launcher::class, SystemLauncher::class);
        $this->app->bindIf(SelfExec::class, SystemSelfExec::class);
        $this->app->bindIf(NotifySocket::class, fn (): NotifySocket => new NotifySocket(getenv('NOTIFY_SOCKET') ?: null));
        $this->app->bindIf(VersionProbe::class, BunVersionProbe::class);
        $this->app->bindIf(Network::class, GuzzleNetwork::class);
        $this->app->bindIf(RedisPing::class, LaravelRedisPing::class);

        $this->app->bind(AppsWatch::class, fn (Application $app): AppsWatch => new AppsWatch(
            fn (): array => $app->make(DocumentBuilder::class)->apps(),
            $app->make(ExceptionHandler::class),
        ));
        $this->app->when(Supervisor::class)->needs('$tasks')->give($this->tasks(...));
        $this->app->when(Supervisor::class)->needs(Closure::class)->give(fn (Application $app): Closure => fn () => $app->make(Preloading::class)->run());
        $this->app->bind(TlsOptions::class, fn (Application $app): TlsOptions => new TlsOptions($app->basePath(), getenv('HOME') ?: getenv('USERPROFILE') ?: null));
        $this->app->bindIf(ServerScript::class, fn (): ServerScript => new ServerScript(realpath(self::SCRIPT) ?: self::SCRIPT, getenv()));
        $this->app->bindIf(BunRelease::class, fn (): BunRelease => new BunRelease);
        $this->app->bindIf(BunTarget::class, fn (): BunTarget => new BunTarget);
        $this->app->bind(BunStore::class, fn (Application $app): BunStore => new BunStore($app->storagePath('revurb'), $app->make(BunRelease::class), $app->make(BunTarget::class)));
        $this->app->bindIf(BunFinder::class, fn (Application $app): BunFinder => new BunFinder(
            $app->make(VersionProbe::class),
            $app->basePath(),
            getenv('REVURB_BUN') ?: null,
            getenv('PATH') ?: '',
            HomeFolders::find($platform = $app->make(Platform::class)),
            $platform,
            $app->make(BunStore::class),
        ));

        $this->app->bind(SailValues::class, fn (Application $app): SailValues => new SailValues($app->basePath(), fn (): Environment => $app->make(EnvironmentReader::class)->read(), self::yaml(self::YAML)));
        $this->app->bind(PhpExtensions::class, fn (Application $app): PhpExtensions => new PhpExtensions($app->basePath(), $app->make(Repository::class)));
        $this->app->bindIf(NodePackages::class, fn (Application $app): NodePackages => new NodePackages($app->basePath(), $app->make(Filesystem::class)));
        $this->app->bind(EchoScript::class, fn (Application $app): EchoScript => new EchoScript($app->resourcePath('js'), $app->make(NodePackages::class), $app->make(Filesystem::class)));
    }

    /** Whether laravel/reverb is loaded; an application may install it and not load it. */
    public function isReverbLoaded(): bool
    {
        return $this->app->getProviders(LaravelReverb::SERVICE_PROVIDER) !== [];
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
}
