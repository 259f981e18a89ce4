<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use GuzzleHttp\ClientInterface;
use SensitiveParameter;

/**
 * Where and as which app Laravel publishes, as its Pusher client has it.
 */
final readonly class Publisher
{
    /**
     * @param  string  $connection  its name in config/broadcasting.php
     * @param  string  $prefix  prefix of its variables: `REVERB` or `PUSHER`
     * @param  ClientInterface|null  $client  the HTTP client that Laravel publishes with, with the `client_options` of the connection
     */
    public function __construct(
        public Address $address,
        public string $id,
        public string $key,
        #[SensitiveParameter]
        public string $secret,
        public string $connection = 'reverb',
        public string $prefix = 'REVERB',
        public ?ClientInterface $client = null,
    ) {}
}
