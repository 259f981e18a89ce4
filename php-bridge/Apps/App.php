<?php

declare(strict_types=1);

namespace Revurb\Apps;

use SensitiveParameter;

/**
 * One app of the server. Values are passed on as the configuration or a provider has them; the server validates them, so that all errors
 * are reported in one place.
 */
final readonly class App
{
    /** The options of the application's Pusher client of which the server makes the public URL in its log. */
    private const PUBLIC_URL = ['host', 'port', 'scheme', 'useTLS'];

    /**
     * @param  array<string, mixed>  $settings  limits and origins under the names of config/reverb.php; an absent or null one has the server's default
     */
    public function __construct(
        public mixed $id,
        public mixed $key,
        #[SensitiveParameter]
        public mixed $secret,
        public array $settings = [],
    ) {}

    /**
     * Selects the options of the public URL. The others are of no use to the server and may contain secrets, as options of Guzzle do.
     *
     * @param  mixed  $options  of the application's Pusher client
     * @return array<string, mixed>
     */
    public static function publicUrl(mixed $options): array
    {
        return is_array($options) ? array_intersect_key($options, array_flip(self::PUBLIC_URL)) : [];
    }
}
