<?php

namespace App\Events;

use App\Models\User;
use Illuminate\Broadcasting\PrivateChannel;
use Illuminate\Contracts\Broadcasting\ShouldBroadcastNow;
use Illuminate\Foundation\Events\Dispatchable;

/** For one user alone, at once. */
class NoticeSent implements ShouldBroadcastNow
{
    use Dispatchable;

    public function __construct(private User $receiver, private string $text)
    {
    }

    public function broadcastOn(): PrivateChannel
    {
        return new PrivateChannel('App.Models.User.'.$this->receiver->id);
    }

    /** @return array{text: string} */
    public function broadcastWith(): array
    {
        return ['text' => $this->text];
    }
}
