<?php

declare(strict_types=1);

/*
 * The part of laravel/reverb that php-bridge/Reverb leans on: the same names and signatures, and as little as possible
 * behind them. It is loaded only by the tests that play an app with laravel/reverb installed.
 */

namespace Laravel\Reverb {

    use Illuminate\Console\Application as Artisan;
    use Illuminate\Support\Collection;
    use Illuminate\Support\ServiceProvider;
    use Laravel\Reverb\Console\InstallCommand;
    use Laravel\Reverb\Console\StartServer;
    use Laravel\Reverb\Contracts\ApplicationProvider;
    use Laravel\Reverb\Exceptions\InvalidApplication;

    class Application
    {
        /**
         * @param  array<int, string>  $allowedOrigins
         * @param  array<string, mixed>|null  $rateLimiting
         * @param  array<string, mixed>|null  $options
         */
        public function __construct(
            protected string $id,
            protected string $key,
            protected string $secret,
            protected int $pingInterval,
            protected int $activityTimeout,
            protected array $allowedOrigins,
            protected int $maxMessageSize,
            protected ?int $maxConnections = null,
            protected string $acceptClientEventsFrom = 'members',
            protected ?array $rateLimiting = null,
            protected ?array $options = [],
        ) {}

        public function id(): string
        {
            return $this->id;
        }

        public function key(): string
        {
            return $this->key;
        }

        public function secret(): string
        {
            return $this->secret;
        }

        /** @return array<int, string> */
        public function allowedOrigins(): array
        {
            return $this->allowedOrigins;
        }

        public function pingInterval(): int
        {
            return $this->pingInterval;
        }

        public function activityTimeout(): int
        {
            return $this->activityTimeout;
        }

        public function maxConnections(): ?int
        {
            return $this->maxConnections;
        }

        public function maxMessageSize(): int
        {
            return $this->maxMessageSize;
        }

        public function acceptClientEventsFrom(): string
        {
            return $this->acceptClientEventsFrom;
        }

        /** @return array<string, mixed>|null */
        public function rateLimiting(): ?array
        {
            return $this->rateLimiting;
        }

        /** @return array<string, mixed>|null */
        public function options(): ?array
        {
            return $this->options;
        }
    }

    class ConfigApplicationProvider implements ApplicationProvider
    {
        /** @param  Collection<array-key, array<string, mixed>>  $applications */
        public function __construct(protected Collection $applications) {}

        public function all(): Collection
        {
            return $this->applications->map(fn (array $app): Application => $this->findById($app['app_id']));
        }

        public function findById(string $id): Application
        {
            return $this->find('app_id', $id);
        }

        public function findByKey(string $key): Application
        {
            return $this->find('key', $key);
        }

        private function find(string $key, string $value): Application
        {
            $app = $this->applications->firstWhere($key, $value) ?? throw new InvalidApplication;

            return new Application(
                $app['app_id'],
                $app['key'],
                $app['secret'],
                (int) $app['ping_interval'],
                (int) ($app['activity_timeout'] ?? 30),
                $app['allowed_origins'],
                (int) $app['max_message_size'],
                isset($app['max_connections']) ? (int) $app['max_connections'] : null,
                $app['accept_client_events_from'] ?? 'all',
                $app['rate_limiting'] ?? null,
                $app['options'] ?? [],
            );
        }
    }

    class ReverbServiceProvider extends ServiceProvider
    {
        private const CONFIG = __DIR__.'/reverb.php';

        public function register(): void
        {
            $this->mergeConfigFrom(self::CONFIG, 'reverb');

            $this->app->bind(ApplicationProvider::class, fn (): ApplicationProvider => new ConfigApplicationProvider(new Collection(config('reverb.apps.apps'))));
        }

        public function boot(): void
        {
            $this->publishes([self::CONFIG => config_path('reverb.php')], ['reverb', 'reverb-config']);

            $this->commands(InstallCommand::class);

            Artisan::starting(function (Artisan $artisan): void {
                $artisan->resolveCommands([StartServer::class]);
            });
        }
    }
}

namespace Laravel\Reverb\Console {

    use Illuminate\Console\Command;
    use Symfony\Component\Console\Attribute\AsCommand;

    #[AsCommand(name: 'reverb:install')]
    class InstallCommand extends Command
    {
        protected $signature = 'reverb:install';
    }

    #[AsCommand(name: 'reverb:start')]
    class StartServer extends Command
    {
        protected $signature = 'reverb:start';
    }
}

namespace Laravel\Reverb\Exceptions {

    class InvalidApplication extends \Exception {}
}

namespace Laravel\Reverb\Contracts {

    use Illuminate\Support\Collection;
    use Laravel\Reverb\Application;

    interface ApplicationProvider
    {
        /** @return Collection<array-key, Application> */
        public function all(): Collection;

        public function findById(string $id): Application;

        public function findByKey(string $key): Application;
    }

    interface WebSocketConnection
    {
        public function id(): int|string;

        public function send(mixed $message): void;

        public function close(mixed $message = null): void;
    }

    abstract class Connection
    {
        protected ?int $lastSeenAt;

        protected bool $hasBeenPinged = false;

        public function __construct(protected WebSocketConnection $connection, protected Application $application, protected ?string $origin)
        {
            $this->lastSeenAt = time();
        }

        abstract public function identifier(): string;

        abstract public function id(): string;

        abstract public function send(string $message): void;

        abstract public function control(string $type = '9'): void;

        abstract public function terminate(): void;

        public function app(): Application
        {
            return $this->application;
        }

        public function origin(): ?string
        {
            return $this->origin;
        }

        public function ping(): void
        {
            $this->hasBeenPinged = true;
        }

        public function lastSeenAt(): ?int
        {
            return $this->lastSeenAt;
        }

        public function setLastSeenAt(int $time): Connection
        {
            $this->lastSeenAt = $time;

            return $this;
        }

        public function isInactive(): bool
        {
            return time() >= $this->lastSeenAt + $this->app()->pingInterval();
        }

        public function isStale(): bool
        {
            return $this->isInactive() && $this->hasBeenPinged;
        }

        public function disconnect(): void
        {
            $this->terminate();
        }
    }
}

namespace Laravel\Reverb\Protocols\Pusher\Contracts {

    interface ChannelConnectionManager {}
}

namespace Laravel\Reverb\Protocols\Pusher\Managers {

    use Laravel\Reverb\Protocols\Pusher\Contracts\ChannelConnectionManager;

    class ArrayChannelConnectionManager implements ChannelConnectionManager {}
}

namespace Laravel\Reverb\Protocols\Pusher\Channels {

    use Laravel\Reverb\Contracts\Connection;
    use Laravel\Reverb\Protocols\Pusher\Contracts\ChannelConnectionManager;

    class Channel
    {
        public function __construct(protected string $name)
        {
            app(ChannelConnectionManager::class);
        }

        public function name(): string
        {
            return $this->name;
        }
    }

    class ChannelBroker
    {
        public static function create(string $name): Channel
        {
            return new Channel($name);
        }
    }

    class ChannelConnection
    {
        public function __construct(protected Connection $connection) {}

        public function connection(): Connection
        {
            return $this->connection;
        }
    }
}

namespace Laravel\Reverb\Events {

    use Laravel\Reverb\Contracts\Connection;
    use Laravel\Reverb\Protocols\Pusher\Channels\Channel;
    use Laravel\Reverb\Protocols\Pusher\Channels\ChannelConnection;

    class MessageReceived
    {
        public function __construct(public Connection $connection, public string $message) {}
    }

    class MessageSent
    {
        public function __construct(public Connection $connection, public string $message) {}
    }

    class ChannelCreated
    {
        public function __construct(public Channel $channel) {}
    }

    class ChannelRemoved
    {
        public function __construct(public Channel $channel) {}
    }

    class ConnectionPruned
    {
        public function __construct(public ChannelConnection $connection) {}
    }
}
