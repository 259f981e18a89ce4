<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use SensitiveParameter;

/**
 * How Laravel publishes: as the Pusher client that broadcasts knows it.
 */
final readonly class Publisher
{
    /**
     * @param  string  $connection  its name in config/broadcasting.php
     * @param  string  $prefix  of the names of its variables: `REVERB` or `PUSHER`
     */
    public function __construct(
        public Address $address,
        public string $id,
        public string $key,
        #[SensitiveParameter]
        public string $secret,
        public string $connection = 'reverb',
        public string $prefix = 'REVERB',
    ) {}
}
