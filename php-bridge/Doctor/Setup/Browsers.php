<?php

declare(strict_types=1);

namespace Revurb\Doctor\Setup;

/**
 * How browsers come to the server.
 */
final readonly class Browsers
{
    /** @param  string  $origin  of the pages that connect; empty where it is not known */
    public function __construct(
        public Address $address,
        public string $key,
        public string $origin,
    ) {}
}
