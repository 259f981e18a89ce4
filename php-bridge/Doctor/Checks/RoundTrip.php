<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\Publisher;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\WebSocket;

/**
 * Publishes one event as Laravel does, on a private channel of its own, and receives it as a browser does.
 */
final readonly class RoundTrip implements Check
{
    private const SEEN = 'an event from Laravel to a browser';

    private const EVENT = 'revurb-doctor';

    /** Frames that may arrive before the event: the one for the subscription, and others that the server sends. */
    private const MAX_FRAMES = 20;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

    public function run(): CheckResult
    {
        $publisher = $this->context->publisher;

        $failed = implode(' and ', array_filter([$publisher === null || ! $this->probes->canPublish() ? 'publisher' : '', $this->probes->canBrowserConnect() ? '' : 'browser']));

        if ($publisher === null || $failed !== '') {
            return CheckResult::hint(Code::NotJudged, self::SEEN, "Not tried: the server cannot be reached as {$failed}.", "See {$failed}.");
        }

        $webSocket = $this->probes->openWebSocket();

        if (! $webSocket instanceof WebSocket) {
            return CheckResult::hint(Code::NotJudged, self::SEEN, 'Not tried: the second WebSocket was not opened.', 'Run reverb:doctor again in a moment.');
        }

        try {
            return $this->sendAndReceive($webSocket, $publisher);
        } finally {
            $webSocket->close();
        }
    }

    private function sendAndReceive(WebSocket $webSocket, Publisher $publisher): CheckResult
    {
        $channel = 'private-revurb-doctor-'.bin2hex(random_bytes(8));
        $socketId = $this->await($webSocket, 'pusher:connection_established')['socket_id'] ?? null;
        $signature = hash_hmac('sha256', (is_string($socketId) ? $socketId : '').":{$channel}", $publisher->secret);
        $webSocket->send((string) json_encode(['event' => 'pusher:subscribe', 'data' => ['channel' => $channel, 'auth' => "{$publisher->key}:{$signature}"]]));

        if ($this->await($webSocket, 'pusher_internal:subscription_succeeded') === null) {
            return CheckResult::problem(Code::EventNotReceived, self::SEEN, 'The server does not accept a private channel that Laravel has signed.', 'See addresses: server, Laravel and browsers need the same app.');
        }

        $sent = hrtime(true);
        $answer = $this->probes->publish((string) json_encode(['name' => self::EVENT, 'channels' => [$channel], 'data' => '{}']));

        if (! $answer instanceof Reply || $answer->status !== 200) {
            $reply = $answer instanceof Reply ? "{$answer->status}: {$answer->body}" : 'no answer';

            return CheckResult::problem(Code::EventRefused, self::SEEN, "A signed GET is answered, and an event is not accepted ({$reply}).", 'The proxy must pass POST on as it is, with its body and query; see its log, and that of the server.');
        }

        return $this->await($webSocket, self::EVENT) === null
            ? CheckResult::problem(Code::EventNotReceived, self::SEEN, 'It was accepted, and no browser receives it: Laravel and browsers reach different servers.', $this->join())
            : CheckResult::ok(self::SEEN.': received after '.round((hrtime(true) - $sent) / 1e6).' ms');
    }

    private function join(): string
    {
        return ($this->context->document->content['scaling']['enabled'] ?? false) === true
            ? 'Both servers need the same Redis and the same REVERB_SCALING_CHANNEL: see redis, on both machines'
            : 'Give both the address of the same server; or let the servers share events over Redis (docs/scaling.md)';
    }

    /** @return array<array-key, mixed>|null the data of that event, or null if it did not arrive */
    private function await(WebSocket $webSocket, string $event): ?array
    {
        for ($i = 0; $i < self::MAX_FRAMES && ($text = $webSocket->receive()) !== null; $i++) {
            $frame = json_decode($text, true);
            $data = is_array($frame) ? $frame['data'] ?? null : null;
            $data = is_string($data) ? json_decode($data, true) : $data;

            if (is_array($frame) && ($frame['event'] ?? null) === $event) {
                return is_array($data) ? $data : [];
            }
        }

        return null;
    }
}
