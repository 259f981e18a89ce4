<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use GuzzleHttp\ClientInterface;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Probes\WebSocket;

/**
 * Answers by the beginning of the URL; an address without an answer refuses the connection.
 */
final class FakeNetwork implements Network
{
    /** @var list<array{string, array<string, string>}> */
    public array $asked = [];

    /** @var list<string> the URLs of publishes */
    public array $published = [];

    public FakeWebSocket $webSocket;

    /** What comes in place of a WebSocket that stays open. */
    public Reply|Unreachable|null $unopened = null;

    /** The answer to a publish, after which subscribers have the event. */
    public Reply|Unreachable $accepted;

    public bool $isDelivered = true;

    /** @param  array<string, Reply|Unreachable>  $answers */
    public function __construct(private array $answers = [])
    {
        $this->webSocket = new FakeWebSocket;
        $this->accepted = new Reply(200, [], '{}');
    }

    /** One that serves as it should. */
    public static function healthy(string $url = 'http://127.0.0.1:8080'): self
    {
        return (new self)->with("{$url}/up", new Reply(200, [], '{"health":"OK"}'))
            ->with("{$url}/apps/", new Reply(200, [], '{"channels":{}}'))
            ->with("{$url}/app/", self::greeting('pusher:connection_established', '{"socket_id":"1.2"}'));
    }

    public static function greeting(string $event, string $data): Reply
    {
        $frame = (string) json_encode(['event' => $event, 'data' => $data]);

        return new Reply(101, [], "\x81".chr(strlen($frame)).$frame);
    }

    public static function error(int $code, string $message = 'Because'): Reply
    {
        return self::greeting('pusher:error', (string) json_encode(['code' => $code, 'message' => $message]));
    }

    public function with(string $url, Reply|Unreachable $answer): self
    {
        $this->answers = [$url => $answer] + $this->answers;

        return $this;
    }

    public function post(Address $address, string $target, string $json, ?ClientInterface $client = null): Reply|Unreachable
    {
        $this->published[] = $address->url($target);

        if ($this->isDelivered && $this->accepted instanceof Reply && $this->accepted->status === 200) {
            $this->webSocket->push(json_decode($json, true)['name'], '{}');
        }

        return $this->accepted;
    }

    public function open(Address $address, string $target, array $headers): WebSocket|Reply|Unreachable
    {
        return $this->unopened ?? $this->webSocket;
    }

    public function upgrade(Address $address, string $target, array $headers): Reply|Unreachable
    {
        return $this->get($address, $target, $headers);
    }

    public function get(Address $address, string $target, array $headers = [], ?ClientInterface $client = null): Reply|Unreachable
    {
        $url = $address->url($target);
        $this->asked[] = [$url, $headers];

        foreach ($this->answers as $start => $answer) {
            if (str_starts_with($url, $start)) {
                return $answer;
            }
        }

        return new Unreachable(ConnectionError::Refused, 'Connection refused');
    }
}
