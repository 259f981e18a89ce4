<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use GuzzleHttp\HandlerStack;
use GuzzleHttp\Middleware;
use Psr\Http\Message\RequestInterface;

/**
 * Sends a key with everything that a queued job publishes, by which the server recognises what it has already delivered.
 */
final readonly class IdempotencyKeys
{
    private const HEADER = 'X-Idempotency-Key';

    private const PUBLISH = '#/(batch_)?events$#';

    /** Guzzle accepts these options only if it creates the handler itself. */
    private const NEED_GUZZLES_HANDLER = ['max_host_connections' => true, 'max_total_connections' => true, 'transport_sharing' => true];

    public function __construct(private RunningJobs $jobs) {}

    /**
     * Adds the handler to a connection, for Laravel's `reverb` driver or one of the application.
     *
     * @param  array<string, mixed>  $connection  one of config/broadcasting.php
     * @return array<string, mixed>
     */
    public function addTo(array $connection): array
    {
        $options = (array) ($connection['client_options'] ?? []);
        $given = $options['handler'] ?? null;

        if ($given === null && array_intersect_key($options, self::NEED_GUZZLES_HANDLER) !== []) {
            return $connection;
        }

        $stack = match (true) {
            $given === null => HandlerStack::create(),
            $given instanceof HandlerStack => clone $given,
            default => new HandlerStack($given),
        };
        // Outermost, so that a middleware of the application that repeats a request sends the same key.
        $stack->unshift(Middleware::mapRequest($this->keyed(...)), 'revurb_idempotency_key');

        return [...$connection, 'client_options' => [...$options, 'handler' => $stack]];
    }

    private function keyed(RequestInterface $request): RequestInterface
    {
        $isPublish = $request->getMethod() === 'POST' && preg_match(self::PUBLISH, $request->getUri()->getPath()) === 1;
        $key = $isPublish ? $this->jobs->attempt()?->keyFor($request) : null;

        return $key === null ? $request : $request->withHeader(self::HEADER, $key);
    }
}
