<?php

use App\Events\MessageSent;
use App\Events\NoticeSent;
use App\Models\Message;
use App\Models\User;
use Illuminate\Console\Command;
use Illuminate\Support\Facades\Artisan;

Artisan::command('chat:say {text}', function (string $text): void {
    broadcast(new MessageSent(Message::create(['text' => $text])));

    $this->components->info('Said.');
})->purpose('Say something to everybody in the room');

Artisan::command('chat:notice {user : A name or an id} {text}', function (string $user, string $text): int {
    $receiver = User::query()->where('name', $user)->orWhere('id', $user)->first();

    if ($receiver === null) {
        $this->components->error("There is nobody called [{$user}].");

        return Command::FAILURE;
    }

    broadcast(new NoticeSent($receiver, $text));
    $this->components->info("Only {$receiver->name} sees it.");

    return Command::SUCCESS;
})->purpose('Tell one user something that nobody else sees');
