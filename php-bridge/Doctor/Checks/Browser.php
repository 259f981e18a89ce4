<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Diagnosis;
use Revurb\Doctor\Hops\Greeting;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Hops\Reply;
use Revurb\Doctor\Hops\Trouble;
use Revurb\Doctor\Hops\Unreachable;
use Revurb\Doctor\Hops\Way;
use Revurb\Doctor\Setup\Browsers;
use Revurb\Doctor\Setup\Setup;

/**
 * The way of browsers: a WebSocket on `/app/{key}`, through whatever stands there.
 */
final readonly class Browser implements Check
{
    private const UPGRADE_HEADERS = 'In the proxy: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";';

    public function __construct(
        private Setup $setup,
        private Hops $hops,
        private Diagnosis $diagnosis,
    ) {}

    public function look(): Finding
    {
        $browsers = $this->setup->browsers;
        $answer = $this->hops->browser();

        if ($browsers === null || $answer === null) {
            return Finding::problem('no address for browsers', $this->setup->publisherFault, 'See addresses.');
        }

        $way = new Way($browsers->address, $browsers->address->url("/app/{$browsers->key}", 'ws'), '/app', $this->prefix());

        return match (true) {
            $answer instanceof Unreachable => $this->untrusted($way, $answer) ?? $this->diagnosis->unreachable($way, $answer),
            $answer->status === 101 => $this->greeted($way, Greeting::in($answer->body), $browsers),
            $this->isNoUpgrade($answer) => Finding::problem($way->url, 'The proxy passes the request on without its upgrade headers, so that no WebSocket comes of it.', self::UPGRADE_HEADERS),
            default => $this->diagnosis->strange($way, $answer),
        };
    }

    /** Browsers may trust authorities that PHP does not, as that of a certificate for development. */
    private function untrusted(Way $way, Unreachable $unreachable): ?Finding
    {
        $again = $unreachable->trouble === Trouble::Certificate ? $this->hops->trustingBrowser() : null;
        $isWelcome = $again instanceof Reply && Greeting::in($again->body)?->isWelcome === true;
        $fault = $this->diagnosis->unreachable($way, $unreachable);

        return $isWelcome ? Finding::warning($fault->seen, "{$fault->fault} Browsers may refuse it too.", (string) $fault->fix) : null;
    }

    private function greeted(Way $way, ?Greeting $greeting, Browsers $browsers): Finding
    {
        if ($greeting === null) {
            return Finding::problem($way->url, 'The WebSocket opens, and nothing comes through it.', 'In the proxy: proxy_buffering off;');
        }

        [$fault, $fix] = match ($greeting->code) {
            4001 => $this->unknownKey($browsers->key),
            4003 => ['The app is disabled.', 'config/reverb.php: apps.apps.*.enabled => true'],
            4004 => [
                $this->isClosed($browsers->key) ? 'The app may have no connections at all: max_connections is 0.' : 'The app has all the connections that it may have.',
                "{$this->setup->env->place('REVERB_APP_MAX_CONNECTIONS')}, or config/reverb.php: apps.apps.*.max_connections (empty: no limit)",
            ],
            4009 => $this->wrongOrigin($browsers->origin),
            4100 => ["The server is full: {$greeting->message}.", 'ulimit -n of the server: see descriptors'],
            4200 => ['The server is about to stop.', 'Ask again in a moment.'],
            default => ["The server answers: {$greeting->message}", 'php artisan reverb:restart'],
        };

        return match (true) {
            $greeting->isWelcome => Finding::ok("{$way->url} opens a WebSocket"),
            $greeting->code === 4004 && $this->isClosed($browsers->key) => Finding::problem($way->url, $fault, $fix),
            in_array($greeting->code, [4004, 4100, 4200], true) => Finding::warning($way->url, $fault, $fix),
            default => Finding::problem($way->url, $fault, $fix),
        };
    }

    /** @return array{string, string} */
    private function unknownKey(string $key): array
    {
        return [
            "The server knows no app with the key {$key}.",
            $this->setup->appWith('key', $key) === null
                ? $this->setup->env->refer('VITE_REVERB_APP_KEY', 'REVERB_APP_KEY')
                : 'php artisan reverb:restart, as it runs on an older configuration',
        ];
    }

    private function isClosed(string $key): bool
    {
        $connections = $this->setup->appWith('key', $key)['max_connections'] ?? null;

        return is_numeric($connections) && (int) $connections === 0;
    }

    /** @return array{string, string} */
    private function wrongOrigin(string $origin): array
    {
        $host = parse_url($origin, PHP_URL_HOST) ?: '(the host of your pages)';

        return [
            $origin === '' ? 'The app lets in no client without an Origin header.' : "The app does not let in pages from {$origin} (APP_URL).",
            "config/reverb.php: apps.apps.*.allowed_origins => ['{$host}']",
        ];
    }

    /** 426 is the server's answer to a request without them, 400 to one with half of them. */
    private function isNoUpgrade(Reply $reply): bool
    {
        return $reply->status === 426 || ($reply->status === 400 && str_starts_with($reply->body, 'Bad WebSocket handshake'));
    }

    /** Where the lines for browsers are missing, they are taken to be told the publisher's address. */
    private function prefix(): string
    {
        return ($this->setup->env->vite('VITE_REVERB_HOST') ?? '') === '' ? 'REVERB' : 'VITE_REVERB';
    }
}
