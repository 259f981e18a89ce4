<?php

declare(strict_types=1);

// Calls one method of pusher/pusher-php-server, the client that Laravel broadcasts with, and prints what came of it:
// php pusher-http-php.php '{"key": …, "secret": …, "id": …, "options": {…}, "http": {…}, "method": …, "arguments": […]}'.
// Without arguments it prints the names of the methods that there are.

require __DIR__.'/../../../vendor/autoload.php';

use GuzzleHttp\Client;
use GuzzleHttp\Promise\PromiseInterface;
use Psr\Http\Message\RequestInterface;
use Psr\Log\AbstractLogger;
use Pusher\Pusher;
use Pusher\Webhook;

if ($argc === 1) {
    exit(json_encode(get_class_methods(Pusher::class), JSON_THROW_ON_ERROR));
}

$call = json_decode($argv[1], true, flags: JSON_THROW_ON_ERROR);
$client = new Client($call['http']);
$lines = [];

try {
    $pusher = new Pusher($call['key'], $call['secret'], $call['id'], $call['options'], $client);
    $log = new class($lines) extends AbstractLogger
    {
        /** @param  list<string>  $lines */
        public function __construct(private array &$lines) {}

        public function log($level, string|Stringable $message, array $context = []): void
        {
            $this->lines[] = "$level: $message";
        }
    };
    $pusher->setLogger($log);
    $result = $pusher->{$call['method']}(...$call['arguments']);
    $answer = ['result' => plain($result, $client, $pusher), 'log' => $lines];
} catch (Exception $e) {
    $answer = ['exception' => $e::class, 'code' => $e->getCode(), 'message' => $e->getMessage()];
}

echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), "\n";

/** What is promised or only prepared is carried out. */
function plain(mixed $result, Client $client, Pusher $pusher): mixed
{
    ['scheme' => $scheme, 'host' => $host, 'port' => $port] = $pusher->getSettings();

    return match (true) {
        $result instanceof PromiseInterface => $result->wait(),
        $result instanceof RequestInterface => json_decode(
            (string) $client->send($result, ['base_uri' => "$scheme://$host:$port"])->getBody()
        ),
        $result instanceof Webhook => ['time_ms' => $result->get_time_ms(), 'events' => $result->get_events()],
        default => $result,
    };
}
