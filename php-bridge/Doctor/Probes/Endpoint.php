<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;

/**
 * A way to the server, as it is shown, and by which variables it is set.
 */
final readonly class Endpoint
{
    /**
     * @param  string  $url  as it is shown
     * @param  string  $path  what a proxy has to pass on: `/app` or `/apps`
     * @param  string  $prefix  of the names of its variables: `REVERB` or `VITE_REVERB`
     */
    public function __construct(
        public Address $address,
        public string $url,
        public string $path,
        public string $prefix,
    ) {}
}
