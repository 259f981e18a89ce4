<?php

declare(strict_types=1);

namespace Revurb\Events;

/**
 * A channel has its first subscription.
 */
final readonly class ChannelCreated
{
    public function __construct(
        public string $app,
        public string $channel,
    ) {}
}
