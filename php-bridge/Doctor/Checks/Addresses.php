<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Config\Repository;
use Revurb\Doctor\Check;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Browsers;
use Revurb\Doctor\Setup\Publisher;
use Revurb\Doctor\Setup\Setup;

/**
 * Whether server, publisher and browsers are told the same, before anything is asked.
 */
final readonly class Addresses implements Check
{
    private const LISTEN_ONLY = ['0.0.0.0', '::', '[::]'];

    public function __construct(
        private Setup $setup,
        private Repository $config,
    ) {}

    public function look(): Finding
    {
        $publisher = $this->setup->publisher;
        $browsers = $this->setup->browsers;

        if ($publisher === null || $browsers === null) {
            return Finding::problem(
                'config/broadcasting.php: connections.reverb',
                $this->setup->publisherFault,
                'php artisan reverb:install, which adds the REVERB_* lines to .env; config/broadcasting.php as Laravel has it',
            );
        }

        return $this->unusableHost($publisher, $browsers)
            ?? $this->unknownApp($publisher)
            ?? $this->foreignKey($publisher, $browsers)
            ?? $this->otherBroadcaster()
            ?? $this->mixedContent($browsers)
            ?? Finding::ok("Laravel → {$publisher->address->url()}, browsers → {$browsers->address->url(scheme: 'ws')}");
    }

    private function unusableHost(Publisher $publisher, Browsers $browsers): ?Finding
    {
        foreach (['VITE_REVERB_HOST' => $browsers->address->host, 'REVERB_HOST' => $publisher->address->host] as $name => $host) {
            $isListenOnly = in_array($host, self::LISTEN_ONLY, true);

            if ($isListenOnly || preg_match('~[/\s]~', $host) === 1) {
                return Finding::problem($name, $isListenOnly
                    ? "{$host} is an address to listen on; nobody can connect to it."
                    : "\"{$host}\" is more than a host name.", $this->bareHost($name, $host, $isListenOnly));
            }
        }

        return null;
    }

    private function bareHost(string $name, string $host, bool $isListenOnly): string
    {
        $bare = parse_url(trim($host), PHP_URL_HOST);

        return match (true) {
            $isListenOnly => "{$this->setup->env->changeOrigin($name, 'localhost')}; or the public name",
            is_string($bare) => $this->setup->env->changeOrigin($name, $bare),
            default => $this->setup->env->choose($this->setup->env->origin($name), 'the name of the host alone'),
        };
    }

    private function unknownApp(Publisher $publisher): ?Finding
    {
        if ($this->setup->document === null) {
            return null;
        }

        $app = $this->setup->appWith('app_id', $publisher->id);
        $looked = 'broadcasting.connections.reverb';
        $fix = fn (string $name): string => "{$this->setup->env->place($name)}, which config/reverb.php and config/broadcasting.php must both read";

        return match (true) {
            $app === null => Finding::problem($looked, "The server has no app with the id {$publisher->id}.", $fix('REVERB_APP_ID')),
            self::text($app['key'] ?? null) !== $publisher->key => Finding::problem($looked, "Its key is not that of the server's app {$publisher->id}.", $fix('REVERB_APP_KEY')),
            ! hash_equals(self::text($app['secret'] ?? null), $publisher->secret) => Finding::problem($looked, "Its secret is not that of the server's app {$publisher->id}.", $fix('REVERB_APP_SECRET')),
            default => null,
        };
    }

    private function foreignKey(Publisher $publisher, Browsers $browsers): ?Finding
    {
        if ($browsers->key === $publisher->key) {
            return null;
        }

        $looked = "VITE_REVERB_APP_KEY ({$browsers->key})";
        $fix = $this->setup->env->refer('VITE_REVERB_APP_KEY', 'REVERB_APP_KEY');

        return $this->setup->appWith('key', $browsers->key) === null
            ? Finding::problem($looked, 'The server has no app with that key.', $fix)
            : Finding::warning($looked, "Browsers connect to another app than the one that Laravel publishes to ({$publisher->key}).", $fix);
    }

    private function otherBroadcaster(): ?Finding
    {
        $default = self::text($this->config->get('broadcasting.default'));
        $driver = self::text($this->config->get("broadcasting.connections.{$default}.driver"));

        return $driver === 'reverb' ? null : Finding::warning(
            'broadcasting.default',
            "Laravel broadcasts through \"{$default}\", so that nothing reaches the server.",
            $this->setup->env->change('BROADCAST_CONNECTION', 'reverb'),
        );
    }

    private function mixedContent(Browsers $browsers): ?Finding
    {
        return $browsers->address->isSecure || ! str_starts_with($browsers->origin, 'https://') ? null : Finding::warning(
            'APP_URL and VITE_REVERB_SCHEME',
            "Pages come over https ({$browsers->origin}), and from there browsers connect by wss only.",
            $this->setup->env->change('VITE_REVERB_SCHEME', 'https'),
        );
    }

    private static function text(mixed $value): string
    {
        return is_scalar($value) ? (string) $value : '';
    }
}
