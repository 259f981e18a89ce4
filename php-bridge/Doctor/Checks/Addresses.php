<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Broadcaster;
use Revurb\Doctor\Setup\Browsers;
use Revurb\Doctor\Setup\Publisher;
use Revurb\Doctor\Setup\Setup;
use Revurb\Environment\EnvValue;

/**
 * Whether server, publisher and browsers are configured alike, before anything is asked.
 */
final readonly class Addresses implements Check
{
    private const LISTEN_ONLY = ['0.0.0.0', '::', '[::]'];

    private const SIMPLE_KEY = 'a key of letters, digits and hyphens alone';

    public function __construct(
        private Setup $setup,
        private Broadcaster $broadcaster,
    ) {}

    public function look(): Finding
    {
        $publisher = $this->setup->publisher;
        $browsers = $this->setup->browsers;

        if ($publisher === null || $browsers === null) {
            return Finding::problem(
                Code::PublisherMissing,
                'config/broadcasting.php: connections.reverb',
                $this->setup->publisherFault,
                'php artisan reverb:install, which adds the REVERB_* lines to .env; config/broadcasting.php as Laravel has it',
            );
        }

        return $this->definedAfterUse($publisher)
            ?? $this->unusableHost($publisher, $browsers)
            ?? $this->unusableKey($publisher, $browsers)
            ?? $this->unknownApp($publisher)
            ?? $this->foreignKey($publisher, $browsers)
            ?? $this->broadcaster->fault($this->setup, $publisher)
            ?? $this->mixedContent($browsers)
            ?? Finding::ok("Laravel → {$publisher->address->url()}, browsers → {$browsers->address->url(scheme: 'ws')}");
    }

    /** Laravel leaves a reference as it is where the variable is defined below, or nowhere. Vite does not. */
    private function definedAfterUse(Publisher $publisher): ?Finding
    {
        $values = ['HOST' => $publisher->address->host, 'APP_KEY' => $publisher->key];

        foreach ($values as $suffix => $value) {
            if (preg_match('/\$\{([\w.]+)\}/', $value, $other) === 1) {
                $name = "{$publisher->prefix}_{$suffix}";
                $where = $this->setup->env->place($other[1]);

                return Finding::problem(
                    Code::DefinedAfterUse,
                    $name,
                    "It refers to {$other[1]}, which is not defined above it, so that Laravel takes \"{$other[0]}\" for its value.",
                    "{$this->setup->env->place($name)}: below the line that defines {$other[1]} ({$where}){$this->setup->env->afterChange($name)}",
                );
            }
        }

        return null;
    }

    private function unusableHost(Publisher $publisher, Browsers $browsers): ?Finding
    {
        foreach (["{$browsers->prefix}_HOST" => $browsers->address->host, "{$publisher->prefix}_HOST" => $publisher->address->host] as $name => $host) {
            $isListenOnly = in_array($host, self::LISTEN_ONLY, true);

            if ($isListenOnly || preg_match('~[/\s]~', $host) === 1) {
                return Finding::problem(Code::HostUnusable, $name, $isListenOnly
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

    /** A key that comes to the server as another one than Laravel has. */
    private function unusableKey(Publisher $publisher, Browsers $browsers): ?Finding
    {
        $env = $this->setup->env;
        $origin = $env->origin($browsers->keyName);

        if ($browsers->key === $publisher->key && (str_contains($browsers->key, '\\') || trim($browsers->key, '.') === '')) {
            return Finding::problem(Code::KeyUnusable, $origin, "No browser can ask for the key {$browsers->key}: in a URL a backslash is a slash, and dots alone are a folder.", $env->choose($origin, self::SIMPLE_KEY));
        }

        if ($browsers->key !== $publisher->key && $origin !== $browsers->keyName && $env->laravel($origin) === $publisher->key) {
            return Finding::problem(
                Code::KeyReadDifferently,
                $origin,
                "Laravel reads it as \"{$publisher->key}\", and Vite as \"{$browsers->key}\", so that browsers connect with a key that the server does not know.",
                (EnvValue::isReadAlike($publisher->key) ? $env->change($origin, $publisher->key) : $env->choose($origin, self::SIMPLE_KEY)).', and build the assets again (npm run build)',
            );
        }

        return null;
    }

    private function unknownApp(Publisher $publisher): ?Finding
    {
        if ($this->setup->document === null) {
            return null;
        }

        $app = $this->setup->appWith('app_id', $publisher->id);
        $looked = "broadcasting.connections.{$publisher->connection}";
        $fix = fn (string $name): string => "{$this->setup->env->place("{$publisher->prefix}_{$name}")}, which config/reverb.php and config/broadcasting.php must both read";

        return match (true) {
            $app === null => Finding::problem(Code::AppIdUnknown, $looked, "The server has no app with the id {$publisher->id}.", $fix('APP_ID')),
            self::text($app['key'] ?? null) !== $publisher->key => Finding::problem(Code::AppKeyOther, $looked, "Its key is not that of the server's app {$publisher->id}.", $fix('APP_KEY')),
            ! hash_equals(self::text($app['secret'] ?? null), $publisher->secret) => Finding::problem(Code::AppSecretOther, $looked, "Its secret is not that of the server's app {$publisher->id}.", $fix('APP_SECRET')),
            default => null,
        };
    }

    private function foreignKey(Publisher $publisher, Browsers $browsers): ?Finding
    {
        if ($browsers->key === $publisher->key) {
            return null;
        }

        $looked = "{$browsers->keyName} ({$browsers->key})";
        $fix = $this->setup->env->refer($browsers->keyName, "{$publisher->prefix}_APP_KEY");

        return $this->setup->appWith('key', $browsers->key) === null
            ? Finding::problem(Code::BrowserKeyUnknown, $looked, 'The server has no app with that key.', $fix)
            : Finding::warning(Code::BrowserKeyOfOtherApp, $looked, "Browsers connect to another app than the one that Laravel publishes to ({$publisher->key}).", $fix);
    }

    private function mixedContent(Browsers $browsers): ?Finding
    {
        $scheme = $this->setup->env->vite("{$browsers->prefix}_SCHEME");

        return ! $browsers->isSecureOnly() || $scheme === null || $scheme === 'https' ? null : Finding::warning(
            Code::MixedContent,
            "APP_URL and {$browsers->prefix}_SCHEME",
            "Pages come over https ({$browsers->origin}), and from there browsers connect by wss only.",
            $this->setup->env->change("{$browsers->prefix}_SCHEME", 'https'),
        );
    }

    private static function text(mixed $value): string
    {
        return is_scalar($value) ? (string) $value : '';
    }
}
