<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

/**
 * How browsers come to the server.
 */
final readonly class Browsers
{
    /**
     * @param  string  $origin  of the pages that connect; empty where it is not known
     * @param  string  $prefix  of the names of the variables with the address: those of Vite, or without them the publisher's
     * @param  string  $keyName  of the variable with the key
     */
    public function __construct(
        public Address $address,
        public string $key,
        public string $origin,
        public string $prefix = 'VITE_REVERB',
        public string $keyName = 'VITE_REVERB_APP_KEY',
    ) {}

    /** Whether pages come over https. From there browsers connect by wss alone, whatever the scheme of the assets is. */
    public function isSecureOnly(): bool
    {
        return str_starts_with($this->origin, 'https://');
    }

    /**
     * The key as it stands in the URL that a browser asks for: pusher-js encodes nothing, and the browser what a URL cannot
     * hold. A backslash becomes a slash (https://url.spec.whatwg.org/#path-state).
     */
    public function keyInPath(): string
    {
        $encoded = preg_replace_callback('/[^\x21-\x7e]|["<>`{}^]/', static fn (array $byte): string => rawurlencode($byte[0]), $this->key);

        return strtr((string) $encoded, '\\', '/');
    }
}
