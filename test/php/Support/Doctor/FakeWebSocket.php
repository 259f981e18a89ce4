<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Revurb\Doctor\Probes\WebSocket;

/**
 * A WebSocket whose subscriptions succeed where they are signed with the secret.
 */
final class FakeWebSocket implements WebSocket
{
    public bool $isClosed = false;

    /** @var list<string> */
    private array $texts = [];

    public function __construct(private readonly string $secret = 'the-secret', private readonly string $key = 'the-key')
    {
        $this->push('pusher:connection_established', '{"socket_id":"1.2"}');
    }

    public function push(string $event, string $data): void
    {
        $this->texts[] = (string) json_encode(['event' => $event, 'data' => $data]);
    }

    public function send(string $text): void
    {
        ['channel' => $channel, 'auth' => $auth] = json_decode($text, true)['data'];
        $isSigned = $auth === "{$this->key}:".hash_hmac('sha256', "1.2:{$channel}", $this->secret);
        $this->push($isSigned ? 'pusher_internal:subscription_succeeded' : 'pusher:error', '{}');
    }

    public function receive(): ?string
    {
        return array_shift($this->texts);
    }

    public function close(): void
    {
        $this->isClosed = true;
    }
}
