<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;

interface Network
{
    /**
     * Sends one GET request and returns the response, or why there was none within a few seconds. Redirects are not followed.
     *
     * @param  string  $target  path and query, without the prefix of the address
     * @param  array<string, string>  $headers
     */
    public function get(Address $address, string $target, array $headers = []): Reply|Unreachable;

    /** Sends one POST request with a JSON body. */
    public function post(Address $address, string $target, string $json): Reply|Unreachable;

    /**
     * Opens a WebSocket, or returns the response that came instead.
     *
     * @param  array<string, string>  $headers
     */
    public function open(Address $address, string $target, array $headers): WebSocket|Reply|Unreachable;
}
