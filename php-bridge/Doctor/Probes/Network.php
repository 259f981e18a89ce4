<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;

interface Network
{
    /**
     * One GET request, and what came of it within a few seconds. Redirects are not followed.
     *
     * @param  string  $target  path and query, without the prefix of the address
     * @param  array<string, string>  $headers
     */
    public function get(Address $address, string $target, array $headers = []): Reply|Unreachable;

    /** The same, with a body of JSON. */
    public function post(Address $address, string $target, string $json): Reply|Unreachable;

    /**
     * A WebSocket, or what came instead.
     *
     * @param  array<string, string>  $headers
     */
    public function open(Address $address, string $target, array $headers): WebSocket|Reply|Unreachable;
}
