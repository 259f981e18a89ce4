<?php

declare(strict_types=1);

namespace App\Events;

use Illuminate\Broadcasting\Channel;
use Illuminate\Contracts\Broadcasting\ShouldBroadcastNow;

final class Said implements ShouldBroadcastNow
{
    public function __construct(public string $text) {}

    public function broadcastOn(): Channel
    {
        return new Channel('room');
    }
}
