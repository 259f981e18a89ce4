<?php

declare(strict_types=1);

use App\Events\Said;
use Illuminate\Support\Facades\Artisan;

Artisan::command('say {text}', function (string $text): void {
    broadcast(new Said($text));
});
