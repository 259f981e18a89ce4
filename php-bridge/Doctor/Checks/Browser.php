<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Diagnosis;
use Revurb\Doctor\Hops\Greeting;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Hops\Proxy;
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
    /** Bun's own answer where the version of the handshake is missing. */
    private const UPGRADE_REQUIRED = 426;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
        private Diagnosis $diagnosis,
        private ZeroConnections $zero,
    ) {}

    public function look(): Finding
    {
        $browsers = $this->setup->browsers;
        $answer = $this->hops->browser();

        if ($browsers === null || $answer === null) {
            return Finding::problem(Code::PublisherMissing, 'no address for browsers', $this->setup->publisherFault, 'See addresses.');
        }

        $way = new Way($browsers->address, $browsers->address->url("/app/{$browsers->key}", 'ws'), '/app', $browsers->prefix);

        return match (true) {
            $answer instanceof Unreachable => $this->untrusted($way, $answer) ?? $this->diagnosis->unreachable($way, $answer),
            $answer->status === 101 => $this->greeted($way, $answer, $browsers),
            $answer->refusal() === 'bad-handshake' || $answer->status === self::UPGRADE_REQUIRED => Finding::problem(Code::NoUpgrade, $way->url, 'The proxy passes the request on without its upgrade headers, so that no WebSocket comes of it.', Proxy::of($answer)->upgrade($this->setup)),
            default => $this->diagnosis->strange($way, $answer),
        };
    }

    /** Browsers may trust authorities that PHP does not, as that of a certificate for development. */
    private function untrusted(Way $way, Unreachable $unreachable): ?Finding
    {
        $again = $unreachable->trouble === Trouble::Certificate ? $this->hops->trustingBrowser() : null;
        $isWelcome = $again instanceof Reply && Greeting::in($again->body)?->isWelcome === true;
        $fault = $this->diagnosis->unreachable($way, $unreachable);

        return $isWelcome ? Finding::warning($fault->code, $fault->seen, "{$fault->fault} Browsers may refuse it too.", (string) $fault->fix) : null;
    }

    private function greeted(Way $way, Reply $answer, Browsers $browsers): Finding
    {
        $greeting = Greeting::in($answer->body);

        if ($greeting === null) {
            return Finding::problem(Code::NoFrames, $way->url, 'The WebSocket opens, and nothing comes through it.', Proxy::of($answer)->unbuffered());
        }

        return match (true) {
            $greeting->isWelcome => Finding::ok("{$way->url} opens a WebSocket"),
            $greeting->code === 4001 => Finding::problem(Code::AppUnknown, $way->url, "The server knows no app with the key {$browsers->key}.", $this->unknownKey($browsers)),
            $greeting->code === 4003 => Finding::problem(Code::AppDisabled, $way->url, 'The app is disabled.', 'config/reverb.php: apps.apps.*.enabled => true'),
            $greeting->code === 4004 => $this->zero->finding() ?? Finding::warning(
                Code::ConnectionsExhausted,
                $way->url,
                'The app has all the connections that it may have.',
                "{$this->setup->env->place('REVERB_APP_MAX_CONNECTIONS')}, or config/reverb.php: apps.apps.*.max_connections (empty: no limit)",
            ),
            $greeting->code === 4009 => $this->wrongOrigin($way, $browsers->origin),
            $greeting->code === 4100 => Finding::warning(Code::ServerFull, $way->url, "The server is full: {$greeting->message}.", 'ulimit -n of the server: see descriptors'),
            $greeting->code === 4200 => Finding::warning(Code::ServerStopping, $way->url, 'The server is about to stop.', 'Run reverb:doctor again in a moment.'),
            default => Finding::problem(Code::ConnectionRejected, $way->url, "The server answers: {$greeting->message}", 'php artisan reverb:restart'),
        };
    }

    private function unknownKey(Browsers $browsers): string
    {
        return $this->setup->appWith('key', $browsers->key) === null
            ? $this->setup->env->refer($browsers->keyName, preg_replace('/^VITE_/', '', $browsers->keyName) ?? '')
            : 'php artisan reverb:restart, as it runs on an older configuration';
    }

    private function wrongOrigin(Way $way, string $origin): Finding
    {
        $host = parse_url($origin, PHP_URL_HOST) ?: '(the host of your pages)';

        return Finding::problem(
            Code::OriginRefused,
            $way->url,
            $origin === '' ? 'The app accepts no client without an Origin header.' : "The app does not accept clients of pages from {$origin} (APP_URL).",
            "config/reverb.php: apps.apps.*.allowed_origins => ['{$host}']",
        );
    }
}
