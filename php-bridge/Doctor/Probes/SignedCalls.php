<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Pusher\Pusher;
use Revurb\Doctor\Context\Publisher;

/**
 * Signed requests to the HTTP API, with the HTTP client that Laravel publishes with.
 */
final readonly class SignedCalls
{
    public function __construct(private Network $network) {}

    /** Asks for the channels of the app, which changes nothing. */
    public function channels(Publisher $app): Reply|Unreachable
    {
        return $this->network->get($app->address, self::target($app, 'GET', 'channels'), client: $app->client);
    }

    public function publish(Publisher $app, string $json): Reply|Unreachable
    {
        return $this->network->post($app->address, self::target($app, 'POST', 'events', ['body_md5' => md5($json)]), $json, $app->client);
    }

    /**
     * The path is signed as it is and sent encoded, as by the HTTP client of Laravel's publisher.
     *
     * @param  array<string, string>  $parameters
     */
    private static function target(Publisher $app, string $method, string $resource, array $parameters = []): string
    {
        $path = "/apps/{$app->id}/{$resource}";
        $query = Pusher::build_auth_query_params($app->key, $app->secret, $method, $path, $parameters);

        return str_replace(' ', '%20', $path).'?'.http_build_query($query);
    }
}
