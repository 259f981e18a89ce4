<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Laravel\Reverb\Application;
use Laravel\Reverb\Contracts\ApplicationProvider;
use Revurb\Apps\App;
use Revurb\Apps\AppSource;
use Revurb\Apps\ConfiguredApps;
use Revurb\Apps\UnreadableApps;
use Revurb\Bridge\Schema;
use Throwable;

/**
 * The apps of the app provider that is bound for laravel/reverb, including a custom one.
 */
final readonly class ReverbApps implements AppSource
{
    /** Settings and the methods of Reverb's `Application` that return them. Older versions of Reverb lack some of them. */
    private const SETTINGS = [
        'allowed_origins' => 'allowedOrigins',
        'ping_interval' => 'pingInterval',
        'activity_timeout' => 'activityTimeout',
        'max_connections' => 'maxConnections',
        'max_message_size' => 'maxMessageSize',
        'accept_client_events_from' => 'acceptClientEventsFrom',
        'rate_limiting' => 'rateLimiting',
    ];

    public function __construct(
        private ApplicationProvider $provider,
        private ConfiguredApps $configured,
    ) {}

    public function all(): array
    {
        try {
            return array_values($this->provider->all()->map($this->app(...))->all());
        } catch (Throwable $exception) {
            throw UnreadableApps::listed($this->provider, $exception);
        }
    }

    private function app(Application $app): App
    {
        $theirs = [];

        foreach (self::SETTINGS as $setting => $method) {
            if (method_exists($app, $method)) {
                $theirs[$setting] = $app->{$method}();
            }
        }

        $options = App::publicUrl($app->options());

        return new App($app->id(), $app->key(), $app->secret(), $theirs + $this->ours($app) + ($options === [] ? [] : ['options' => $options]));
    }

    /**
     * The settings for which Reverb's apps have no method. A provider may set them in the app's options under `revurb`; the others are
     * taken from the app with the same id in the configuration.
     *
     * @return array<string, mixed>
     */
    private function ours(Application $app): array
    {
        $own = $app->options()['revurb'] ?? [];
        $configured = $this->configured->find($app->id())->settings ?? [];
        $ours = [];

        foreach (Schema::APP_ADDED as $setting) {
            $ours[$setting] = (is_array($own) ? $own[$setting] ?? null : null) ?? $configured[$setting] ?? null;
        }

        return $ours;
    }
}
