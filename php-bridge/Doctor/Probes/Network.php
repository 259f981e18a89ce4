<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use GuzzleHttp\ClientInterface;
use Revurb\Doctor\Context\Address;

interface Network
{
    /**
     * Sends one GET request and returns the response, or why there was none within a few seconds. Redirects are not followed.
     *
     * @param  string  $target  path and query, without the prefix of the address
     * @param  array<string, string>  $headers
     * @param  ClientInterface|null  $client  that of Laravel's publisher, for a request as it sends them
     */
    public function get(Address $address, string $target, array $headers = [], ?ClientInterface $client = null): Reply|Unreachable;

    /**
     * Sends one POST request with a JSON body.
     *
     * @param  ClientInterface|null  $client  as above
     */
    public function post(Address $address, string $target, string $json, ?ClientInterface $client = null): Reply|Unreachable;

    /**
     * Opens a WebSocket and closes it after its first frame, which is the body of the response; or returns the response that came instead.
     *
     * @param  array<string, string>  $headers
     */
    public function upgrade(Address $address, string $target, array $headers): Reply|Unreachable;

    /**
     * Opens a WebSocket, or returns the response that came instead.
     *
     * @param  array<string, string>  $headers
     */
    public function open(Address $address, string $target, array $headers): WebSocket|Reply|Unreachable;
}
