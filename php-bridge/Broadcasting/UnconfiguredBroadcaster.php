<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Illuminate\Broadcasting\Broadcasters\Broadcaster;

/**
 * Takes the place of the broadcaster if no Pusher client can be created. It registers channels, as routes/channels.php does whenever an
 * application boots, so that pages and commands work, including `reverb:install`, which adds what is missing.
 */
final class UnconfiguredBroadcaster extends Broadcaster
{
    private const VARIABLES = ['key' => 'REVERB_APP_KEY', 'secret' => 'REVERB_APP_SECRET', 'app_id' => 'REVERB_APP_ID'];

    /** @param  array<string, string>  $missing */
    private function __construct(private readonly array $missing) {}

    /**
     * @param  array<string, mixed>  $connection  one of config/broadcasting.php
     * @return self|null null where a client can be made
     */
    public static function for(array $connection): ?self
    {
        $missing = array_filter(self::VARIABLES, static fn (string $name): bool => ! isset($connection[$name]), ARRAY_FILTER_USE_KEY);

        return $missing === [] ? null : new self($missing);
    }

    public function resolveAuthenticatedUser($request): never
    {
        throw new MissingCredentials($this->missing);
    }

    public function auth($request): never
    {
        throw new MissingCredentials($this->missing);
    }

    public function validAuthenticationResponse($request, $result): never
    {
        throw new MissingCredentials($this->missing);
    }

    /**
     * @param  array<array-key, mixed>  $channels
     * @param  array<array-key, mixed>  $payload
     */
    public function broadcast(array $channels, $event, array $payload = []): never
    {
        throw new MissingCredentials($this->missing);
    }
}
