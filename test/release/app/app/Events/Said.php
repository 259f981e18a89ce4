<?php

namespace App\Events;

use Illuminate\Broadcasting\Channel;
use Illuminate\Contracts\Broadcasting\ShouldBroadcastNow;

class Said implements ShouldBroadcastNow
{
    public function __construct(public string $text) {}

    public function broadcastOn(): Channel
    {
        return new Channel('room');
    }
}
