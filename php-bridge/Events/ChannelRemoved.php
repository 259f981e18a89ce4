<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A channel has lost its last subscription.
 */
final readonly class ChannelRemoved
{
    public function __construct(
        public string $app,
        public string $channel,
    ) {}
}
