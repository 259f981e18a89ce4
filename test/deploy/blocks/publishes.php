<?php

declare(strict_types=1);

// Publishes and asks with pusher/pusher-php-server, the client that Laravel broadcasts with, through many proxies in one process.
// It reads [{"port": …, "path": …, "room": …}, …] and prints for each what came of "publish", "users" and "encoded".

require __DIR__.'/../../../vendor/autoload.php';

use Pusher\ApiErrorException;
use Pusher\Pusher;

/** `ok`, or the answer of which the SDK makes an exception. */
function outcome(callable $call): string
{
    try {
        return $call();
    } catch (ApiErrorException $refused) {
        return $refused->getCode().' '.$refused->getMessage();
    } catch (Throwable $thrown) {
        return $thrown->getMessage();
    }
}

$outcomes = [];

foreach (json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR) as ['port' => $port, 'path' => $path, 'room' => $room]) {
    $options = ['host' => '127.0.0.1', 'port' => $port, 'scheme' => 'http', 'path' => $path, 'timeout' => 10];
    $pusher = new Pusher('app-key', 'app-secret', '1001', $options);
    $outcomes[] = [
        'publish' => outcome(function () use ($pusher, $room): string {
            $pusher->trigger("private-{$room}", 'published', ['nr' => 1]);
            $pusher->trigger("private-{$room}", 'published', ['nr' => 2]);

            return 'ok';
        }),
        'users' => outcome(fn (): string => $pusher->getPresenceUsers("presence-{$room}")->users[0]->id === '7' ? 'ok' : 'nobody'),
        'encoded' => outcome(fn (): string => $pusher->get('/channels/private-caf%C3%A9%20'.$room)->occupied ? 'ok' : 'not occupied'),
    ];
}

echo json_encode($outcomes, JSON_THROW_ON_ERROR);
