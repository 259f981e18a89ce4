<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

use Pusher\Pusher;
use Revurb\Doctor\Setup\Address;
use Revurb\Doctor\Setup\Publisher;
use Revurb\Doctor\Setup\Setup;

/**
 * The ways to the server, each asked once: straight, as the publisher, and as a browser.
 */
final class Hops
{
    private Reply|Unreachable|null $health = null;

    private Reply|Unreachable|null $call = null;

    private Reply|Unreachable|null $publisher = null;

    private Reply|Unreachable|null $socket = null;

    private Reply|Unreachable|null $browser = null;

    public function __construct(
        private readonly Network $network,
        private readonly Setup $setup,
    ) {}

    public function health(): Reply|Unreachable
    {
        return $this->health ??= $this->network->get($this->setup->server, '/up');
    }

    /** Whether a server of ours listens here where it is configured to. */
    public function isServerHere(): bool
    {
        $health = $this->health();

        return $this->isHealthy() || ($health instanceof Reply && $health->isServersNotFound());
    }

    /** Whether it also has the prefix that it is configured to have. */
    public function isHealthy(): bool
    {
        $health = $this->health();

        return $health instanceof Reply && ($health->json()['health'] ?? null) === 'OK';
    }

    /** A signed call to the server itself. */
    public function call(): Reply|Unreachable|null
    {
        $app = $this->setup->appToAskFor();

        return $app === null ? null : $this->call ??= $this->signed($app);
    }

    /** A signed call where Laravel publishes. */
    public function publisher(): Reply|Unreachable|null
    {
        $publisher = $this->setup->publisher;

        return $publisher === null ? null : $this->publisher ??= $this->signed($publisher);
    }

    public function doesPublisherArrive(): bool
    {
        $reply = $this->publisher();

        return $reply instanceof Reply && $reply->status === 200 && isset($reply->json()['channels']);
    }

    /** A WebSocket to the server itself, with the origin that browsers give. */
    public function socket(): Reply|Unreachable|null
    {
        $app = $this->setup->appToAskFor();

        return $app === null ? null : $this->socket ??= $this->webSocket($app->address, $app->key);
    }

    /** A WebSocket where browsers connect. */
    public function browser(): Reply|Unreachable|null
    {
        $browsers = $this->setup->browsers;

        return $browsers === null ? null : $this->browser ??= $this->webSocket($browsers->address, $browsers->key);
    }

    /** The same, with any certificate. */
    public function trustingBrowser(): Reply|Unreachable|null
    {
        $browsers = $this->setup->browsers;

        return $browsers === null ? null : $this->webSocket($browsers->address->unverified(), $browsers->key);
    }

    private function signed(Publisher $app): Reply|Unreachable
    {
        $path = "/apps/{$app->id}/channels";
        $query = Pusher::build_auth_query_params($app->key, $app->secret, 'GET', $path);

        // What was signed is sent encoded, as the HTTP client of Laravel's publisher does.
        return $this->network->get($app->address, str_replace(' ', '%20', $path).'?'.http_build_query($query));
    }

    private function webSocket(Address $address, string $key): Reply|Unreachable
    {
        $origin = $this->setup->browsers->origin ?? '';

        return $this->network->get($address, '/app/'.rawurlencode($key).'?protocol=7&client=doctor', [
            'Connection' => 'Upgrade',
            'Upgrade' => 'websocket',
            'Sec-WebSocket-Version' => '13',
            'Sec-WebSocket-Key' => base64_encode(random_bytes(16)),
            ...$origin === '' ? [] : ['Origin' => $origin],
        ]);
    }
}
