<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

/**
 * How browsers connect to the server.
 */
final readonly class Browsers
{
    /**
     * @param  string  $origin  the origin of the pages that connect; empty if it is not known
     * @param  string  $prefix  prefix of the variables with the address: those of Vite, or else the publisher's
     * @param  string  $keyName  name of the variable with the key
     */
    public function __construct(
        public Address $address,
        public string $key,
        public string $origin,
        public string $prefix = 'VITE_REVERB',
        public string $keyName = 'VITE_REVERB_APP_KEY',
    ) {}

    /** Whether pages are served over https. From those, browsers connect by wss only, whatever the scheme in the assets is. */
    public function isSecureOnly(): bool
    {
        return str_starts_with($this->origin, 'https://');
    }

    /**
     * The key as it appears in the URL of a browser: pusher-js encodes nothing, and the browser only what a URL cannot contain. A backslash
     * becomes a slash (https://url.spec.whatwg.org/#path-state).
     */
    public function keyInPath(): string
    {
        $encoded = preg_replace_callback('/[^\x21-\x7e]|["<>`{}^]/', static fn (array $byte): string => rawurlencode($byte[0]), $this->key);

        return strtr((string) $encoded, '\\', '/');
    }
}
