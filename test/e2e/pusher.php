<?php

declare(strict_types=1);

// Calls one method of pusher/pusher-php-server, the client that Laravel broadcasts with, and prints what came of it:
// php pusher.php METHOD '[ARGUMENTS…]'. The application's credentials come from the environment.

require __DIR__.'/../../demo/vendor/autoload.php';

use Pusher\Pusher;

[, $method, $arguments] = $argv;

$pusher = new Pusher(getenv('REVERB_APP_KEY'), getenv('REVERB_APP_SECRET'), getenv('REVERB_APP_ID'), [
    'host' => '127.0.0.1',
    'port' => getenv('REVERB_PORT'),
    'scheme' => 'http',
]);

try {
    $answer = ['result' => $pusher->$method(...json_decode($arguments, true, flags: JSON_THROW_ON_ERROR))];
} catch (Exception $e) {
    $answer = ['exception' => $e::class, 'code' => $e->getCode(), 'message' => $e->getMessage()];
}

echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), "\n";
