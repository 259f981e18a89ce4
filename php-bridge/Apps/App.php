<?php

declare(strict_types=1);

namespace Revurb\Apps;

use SensitiveParameter;

/**
 * One app as the server is told of it. Values are raw, as the configuration or a provider has them: judging them is the
 * server's part, so that every fault is named in one place.
 */
final readonly class App
{
    /** Of the options of the application's own Pusher client: of these the server makes the public URL in its log. */
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
     * The others are of no use to the server, and may hold secrets, as options of Guzzle do.
     *
     * @param  mixed  $options  of the application's Pusher client
     * @return array<string, mixed>
     */
    public static function publicUrl(mixed $options): array
    {
        return is_array($options) ? array_intersect_key($options, array_flip(self::PUBLIC_URL)) : [];
    }
}
