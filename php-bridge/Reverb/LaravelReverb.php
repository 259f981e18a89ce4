<?php

declare(strict_types=1);

namespace Revurb\Reverb;

use Laravel\Reverb\ConfigApplicationProvider;
use Laravel\Reverb\Contracts\ApplicationProvider;
use Laravel\Reverb\Protocols\Pusher\Contracts\ChannelConnectionManager;
use Laravel\Reverb\Protocols\Pusher\Managers\ArrayChannelConnectionManager;
use Laravel\Reverb\ReverbServiceProvider;

/**
 * The class names by which the service provider detects laravel/reverb. Naming a class does not load it.
 */
final readonly class LaravelReverb
{
    public const SERVICE_PROVIDER = ReverbServiceProvider::class;

    public const APP_PROVIDER = ApplicationProvider::class;

    /** The provider that is bound unless an application binds its own. */
    public const CONFIG_PROVIDER = ConfigApplicationProvider::class;

    /** Reverb's channels resolve this one, which Reverb's own server binds when it starts. */
    public const CHANNEL_CONNECTIONS = ChannelConnectionManager::class;

    public const NO_CHANNEL_CONNECTIONS = ArrayChannelConnectionManager::class;
}
