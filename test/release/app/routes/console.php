<?php

use App\Events\Said;
use Illuminate\Support\Facades\Artisan;

Artisan::command('say {text}', function (string $text) {
    broadcast(new Said($text));
});
