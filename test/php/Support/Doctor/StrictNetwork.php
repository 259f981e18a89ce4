<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use GuzzleHttp\ClientInterface;
use Pusher\Pusher;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Probes\WebSocket;
use SensitiveParameter;

/**
 * A server with one app, at a few addresses. It checks keys, signatures and schemes as the real one does.
 */
final class StrictNetwork implements Network
{
    /** @param  list<string>  $urls  where it is reached, such as http://127.0.0.1:8080; at these hosts and ports it is not with the other scheme */
    public function __construct(
        private readonly string $id,
        private readonly string $key,
        #[SensitiveParameter]
        private readonly string $secret,
        private readonly array $urls,
        private ?FakeWebSocket $webSocket = null,
    ) {}

    public function upgrade(Address $address, string $target, array $headers): Reply|Unreachable
    {
        return $this->get($address, $target, $headers);
    }

    public function get(Address $address, string $target, array $headers = [], ?ClientInterface $client = null): Reply|Unreachable
    {
        return $this->unreachable($address) ?? $this->answer('GET', $target);
    }

    public function post(Address $address, string $target, string $json, ?ClientInterface $client = null): Reply|Unreachable
    {
        $answer = $this->unreachable($address) ?? $this->answer('POST', $target);

        if ($answer instanceof Reply && $answer->status === 200) {
            $this->webSocket?->push(json_decode($json, true)['name'], '{}');
        }

        return $answer;
    }

    public function open(Address $address, string $target, array $headers): WebSocket|Unreachable
    {
        return $this->unreachable($address) ?? $this->webSocket = new FakeWebSocket($this->secret, $this->key);
    }

    private function unreachable(Address $address): ?Unreachable
    {
        $isHere = fn (bool $isSecure): bool => in_array((new Address($isSecure, $address->host === 'localhost' ? '127.0.0.1' : $address->host, $address->port))->url(), $this->urls, true);

        return match (true) {
            $isHere($address->isSecure) => null,
            $isHere(! $address->isSecure) => new Unreachable($address->isSecure ? ConnectionError::Plain : ConnectionError::Encrypted),
            preg_match('/^(localhost|[\d.]+|chat\.test)$/', $address->host) === 1 => new Unreachable(ConnectionError::Refused, 'Connection refused'),
            default => new Unreachable(ConnectionError::UnknownHost),
        };
    }

    private function answer(string $method, string $target): Reply
    {
        $path = (string) strtok($target, '?');
        parse_str((string) parse_url($target, PHP_URL_QUERY), $query);

        return match (true) {
            $path === '/up' => new Reply(200, [], '{"health":"OK"}'),
            str_starts_with($path, '/app/') => rawurldecode(substr($path, strlen('/app/'))) === $this->key
                ? FakeNetwork::greeting('pusher:connection_established', '{"socket_id":"1.2"}')
                : FakeNetwork::error(4001),
            ! str_starts_with($path, '/apps/'.str_replace(' ', '%20', $this->id).'/') => new Reply(404, ['revurb-refusal' => 'request-unknown-app']),
            $this->isSigned($method, rawurldecode($path), $query) => new Reply(200, [], $method === 'GET' ? '{"channels":{}}' : '{}'),
            default => new Reply(401, ['revurb-refusal' => 'request-signature']),
        };
    }

    /** @param  array<array-key, mixed>  $query */
    private function isSigned(string $method, string $path, array $query): bool
    {
        $more = array_intersect_key($query, ['body_md5' => true]);
        $timestamp = is_string($query['auth_timestamp'] ?? null) ? $query['auth_timestamp'] : '';
        $expected = Pusher::build_auth_query_params($this->key, $this->secret, $method, $path, $more, '1.0', $timestamp);

        return ($query['auth_key'] ?? null) === $this->key && ($query['auth_signature'] ?? null) === $expected['auth_signature'];
    }
}
