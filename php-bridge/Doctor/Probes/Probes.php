<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\ListeningProcess;

/**
 * The requests to the server, each sent once: directly, as the publisher and as a browser.
 */
final class Probes
{
    /** The status with which Bun answers a handshake without its version. */
    public const UPGRADE_REQUIRED = 426;

    private Reply|Unreachable|null $health = null;

    private Reply|Unreachable|null $ready = null;

    private Reply|Unreachable|null $call = null;

    private Reply|Unreachable|null $publisher = null;

    private Reply|Unreachable|null $socket = null;

    private Reply|Unreachable|null $browser = null;

    /** False if this user is not permitted to see it; null if it was not looked for yet. */
    private ListeningProcess|false|null $listener = null;

    private readonly SignedCalls $signedCalls;

    public function __construct(
        private readonly Network $network,
        private readonly DoctorContext $context,
        private readonly string $proc = '/proc',
    ) {
        $this->signedCalls = new SignedCalls($network);
    }

    public function health(): Reply|Unreachable
    {
        return $this->health ??= $this->network->get($this->context->server, '/up');
    }

    /** Whether the server exchanges no events with the others of its cluster at the moment, by its own account. */
    public function isDegraded(): bool
    {
        $ready = $this->ready ??= $this->network->get($this->context->server, '/ready');

        return $ready instanceof Reply && ($ready->json()['health'] ?? null) === 'degraded';
    }

    /** Whether a server of Revurb listens under the configured address. */
    public function isServerHere(): bool
    {
        $health = $this->health();

        return $this->isHealthy() || ($health instanceof Reply && $health->refusal() === 'request-path');
    }

    /** Whether it also has the configured prefix. */
    public function isHealthy(): bool
    {
        $health = $this->health();

        return $health instanceof Reply && ($health->json()['health'] ?? null) === 'OK';
    }

    /** Whether another program has the server's port. A Bun that does not answer, or only with TLS or without, may be a server. */
    public function isPortForeign(): bool
    {
        $health = $this->health();
        $listener = $health instanceof Reply ? null : $this->listener();

        return ! $this->isServerHere() && match ($health instanceof Reply ? null : $health->error) {
            null, ConnectionError::NoHttp => true,
            ConnectionError::Silent, ConnectionError::Plain, ConnectionError::Encrypted, ConnectionError::Tls, ConnectionError::Certificate => $listener !== null && ! $listener->isBun(),
            default => false,
        };
    }

    /** The process that has the server's port, if this user may see it. */
    public function listener(): ?ListeningProcess
    {
        // Looked for once, since it reads the open files of every process.
        $this->listener ??= ListeningProcess::on($this->context->server->port, $this->proc) ?? false;

        return $this->listener ?: null;
    }

    /** A signed request to the server itself. */
    public function call(): Reply|Unreachable|null
    {
        $app = $this->context->appForProbes();

        return $app === null ? null : $this->call ??= $this->signedCalls->channels($app);
    }

    /** A signed request to the address where Laravel publishes. */
    public function publisher(): Reply|Unreachable|null
    {
        $publisher = $this->context->publisher;

        return $publisher === null ? null : $this->publisher ??= $this->signedCalls->channels($publisher);
    }

    public function canPublish(): bool
    {
        $reply = $this->publisher();

        return $reply instanceof Reply && $reply->status === 200 && isset($reply->json()['channels']);
    }

    /**
     * Whether requests for that path arrive at a server, whatever it answers.
     *
     * @param  string  $path  `/app` or `/apps`
     */
    public function isPassedOn(string $path): bool
    {
        $answer = $this->at($path);

        return $path === '/apps' && $this->canPublish() || $answer instanceof Reply && ($answer->refusal() !== '' || in_array($answer->status, [101, self::UPGRADE_REQUIRED], true));
    }

    /** The answer to Laravel (`/apps`) or to browsers (`/app`). */
    public function at(string $path): Reply|Unreachable|null
    {
        return $path === '/app' ? $this->browser() : $this->publisher();
    }

    /** A WebSocket to the server itself, with the origin of browsers. */
    public function socket(): Reply|Unreachable|null
    {
        $app = $this->context->appForProbes();

        return $app === null ? null : $this->socket ??= $this->upgrade($app->address, rawurlencode($app->key));
    }

    /** A WebSocket to the address where browsers connect. */
    public function browser(): Reply|Unreachable|null
    {
        $browsers = $this->context->browsers;

        return $browsers === null ? null : $this->browser ??= $this->upgrade($browsers->address, $browsers->keyInPath());
    }

    /** The same without verifying the certificate. */
    public function browserWithAnyCertificate(): Reply|Unreachable|null
    {
        $browsers = $this->context->browsers;

        return $browsers === null ? null : $this->upgrade($browsers->address->unverified(), $browsers->keyInPath());
    }

    /** Whether a browser can connect, whatever the certificate is. */
    public function canBrowserConnect(): bool
    {
        $answer = $this->browser();
        $answer = $answer instanceof Unreachable && $answer->error === ConnectionError::Certificate ? $this->browserWithAnyCertificate() : $answer;

        return $answer instanceof Reply && FirstFrame::in($answer->body)?->isEstablished === true;
    }

    /** The first script that pages load while `npm run dev` runs; null without a URL in public/hot. */
    public function devServer(): Reply|Unreachable|null
    {
        $url = parse_url((string) $this->context->env->devServer);
        $isSecure = ($url['scheme'] ?? '') === 'https';

        return isset($url['host'])
            ? $this->network->get(new Address($isSecure, trim($url['host'], '[]'), $url['port'] ?? ($isSecure ? 443 : 80), $url['path'] ?? '', verify: false), '/@vite/client')
            : null;
    }

    /** A WebSocket to the address where browsers connect that stays open. */
    public function openWebSocket(): WebSocket|Reply|Unreachable|null
    {
        $browsers = $this->context->browsers;

        return $browsers === null ? null : $this->network->open($browsers->address->unverified(), self::socketTarget($browsers->keyInPath()), $this->upgradeHeaders());
    }

    /** Publishes an event as Laravel does. */
    public function publish(string $json): Reply|Unreachable|null
    {
        return $this->context->publisher === null ? null : $this->signedCalls->publish($this->context->publisher, $json);
    }

    private function upgrade(Address $address, string $key): Reply|Unreachable
    {
        return $this->network->upgrade($address, self::socketTarget($key), $this->upgradeHeaders());
    }

    private static function socketTarget(string $key): string
    {
        return "/app/{$key}?protocol=7&client=doctor";
    }

    /** @return array<string, string> */
    private function upgradeHeaders(): array
    {
        $origin = $this->context->browsers->origin ?? '';

        return [
            'Connection' => 'Upgrade',
            'Upgrade' => 'websocket',
            'Sec-WebSocket-Version' => '13',
            'Sec-WebSocket-Key' => base64_encode(random_bytes(16)),
            ...$origin === '' ? [] : ['Origin' => $origin],
        ];
    }
}
