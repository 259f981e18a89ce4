<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;

/**
 * An address under which the server is reached, as it is shown, and the variables that set it.
 */
final readonly class Endpoint
{
    /**
     * @param  string  $url  as it is shown
     * @param  '/app'|'/apps'  $path  the path that a proxy has to pass on: `/app` or `/apps`
     * @param  string  $prefix  prefix of its variables: `REVERB` or `VITE_REVERB`
     */
    public function __construct(
        public Address $address,
        public string $url,
        public string $path,
        public string $prefix,
    ) {}
}
