<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Broadcaster;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\Publisher;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Environment\EnvValue;

/**
 * Whether server, publisher and browsers are configured consistently, before any request is sent.
 */
final readonly class Addresses implements Check
{
    private const LISTEN_ONLY = ['0.0.0.0', '::', '[::]'];

    private const SIMPLE_KEY = 'a key of letters, digits and hyphens alone';

    public function __construct(
        private DoctorContext $context,
        private Broadcaster $broadcaster,
        private Diagnosis $diagnosis,
    ) {}

    public function run(): CheckResult
    {
        $publisher = $this->context->publisher;
        $browsers = $this->context->browsers;

        if ($publisher === null || $browsers === null) {
            return CheckResult::problem(
                Code::PublisherMissing,
                'config/broadcasting.php: connections.reverb',
                $this->context->publisherFault,
                'php artisan reverb:install, which adds the REVERB_* lines to .env; config/broadcasting.php as Laravel has it',
            );
        }

        return $this->definedAfterUse($publisher)
            ?? $this->unusableHost($publisher, $browsers)
            ?? $this->unusableKey($publisher, $browsers)
            ?? $this->unknownApp($publisher)
            ?? $this->foreignKey($publisher, $browsers)
            ?? $this->broadcaster->fault($this->context, $publisher)
            ?? $this->mixedContent($browsers)
            ?? CheckResult::ok("Laravel → {$publisher->address->url()}, browsers → {$browsers->address->url(scheme: 'ws')}");
    }

    /** Laravel leaves a reference unchanged if the variable is defined below it or nowhere; Vite does not. */
    private function definedAfterUse(Publisher $publisher): ?CheckResult
    {
        $values = ['HOST' => $publisher->address->host, 'APP_KEY' => $publisher->key];

        foreach ($values as $suffix => $value) {
            if (preg_match('/\$\{([\w.]+)\}/', $value, $other) === 1) {
                $name = "{$publisher->prefix}_{$suffix}";
                $where = $this->context->env->place($other[1]);

                return CheckResult::problem(
                    Code::DefinedAfterUse,
                    $name,
                    "It refers to {$other[1]}, which is not defined above it, so that Laravel takes \"{$other[0]}\" for its value.",
                    "{$this->context->env->place($name)}: below the line that defines {$other[1]} ({$where}){$this->context->env->afterChange($name)}",
                );
            }
        }

        return null;
    }

    private function unusableHost(Publisher $publisher, Browsers $browsers): ?CheckResult
    {
        foreach (["{$browsers->prefix}_HOST" => $browsers->address->host, "{$publisher->prefix}_HOST" => $publisher->address->host] as $name => $host) {
            $isListenOnly = in_array($host, self::LISTEN_ONLY, true);

            if ($isListenOnly || preg_match('~[/\s]~', $host) === 1) {
                return CheckResult::problem(Code::HostUnusable, $name, $isListenOnly
                    ? "{$host} is an address to listen on; no client can connect to it."
                    : "\"{$host}\" is more than a host name.", $this->bareHost($name, $host, $isListenOnly));
            }
        }

        return null;
    }

    private function bareHost(string $name, string $host, bool $isListenOnly): string
    {
        $bare = parse_url(trim($host), PHP_URL_HOST);

        return match (true) {
            $isListenOnly => "{$this->context->env->changeOrigin($name, 'localhost')}; or the public name",
            is_string($bare) => $this->context->env->changeOrigin($name, $bare),
            default => $this->context->env->choose($this->context->env->origin($name), 'the name of the host alone'),
        };
    }

    /** A key that reaches the server in another form than Laravel has it. */
    private function unusableKey(Publisher $publisher, Browsers $browsers): ?CheckResult
    {
        $env = $this->context->env;
        $origin = $env->origin($browsers->keyName);

        if ($browsers->key === $publisher->key && (str_contains($browsers->key, '\\') || trim($browsers->key, '.') === '')) {
            return CheckResult::problem(Code::KeyUnusable, $origin, "No browser can ask for the key {$browsers->key}: in a URL a backslash is a slash, and dots alone are a folder.", $this->simpleKey($origin));
        }

        if ($browsers->key !== $publisher->key && $origin !== $browsers->keyName && $env->laravel($origin) === $publisher->key) {
            return CheckResult::problem(
                Code::KeyReadDifferently,
                $origin,
                "Laravel reads it as \"{$publisher->key}\", and Vite as \"{$browsers->key}\", so that browsers connect with a key that no app of the server has.",
                (EnvValue::isReadAlike($publisher->key) ? $env->change($origin, $publisher->key) : $this->simpleKey($origin)).', and build the assets again (npm run build)',
            );
        }

        return null;
    }

    private function simpleKey(string $variable): string
    {
        return "{$this->context->env->place($variable)}: ".self::SIMPLE_KEY.$this->diagnosis->thenRestart($variable);
    }

    private function unknownApp(Publisher $publisher): ?CheckResult
    {
        if ($this->context->document === null) {
            return null;
        }

        $app = $this->context->appWith('app_id', $publisher->id);
        $looked = "broadcasting.connections.{$publisher->connection}";
        $fix = fn (string $name): string => "{$this->context->env->place("{$publisher->prefix}_{$name}")}, which config/reverb.php and config/broadcasting.php must both read{$this->diagnosis->thenRestart()}";

        return match (true) {
            $app === null => CheckResult::problem(Code::AppIdUnknown, $looked, "The server has no app with the id {$publisher->id}.", $fix('APP_ID')),
            self::text($app['key'] ?? null) !== $publisher->key => CheckResult::problem(Code::AppKeyOther, $looked, "Its key is not that of the server's app {$publisher->id}.", $fix('APP_KEY')),
            ! hash_equals(self::text($app['secret'] ?? null), $publisher->secret) => CheckResult::problem(Code::AppSecretOther, $looked, "Its secret is not that of the server's app {$publisher->id}.", $fix('APP_SECRET')),
            default => null,
        };
    }

    private function foreignKey(Publisher $publisher, Browsers $browsers): ?CheckResult
    {
        if ($browsers->key === $publisher->key) {
            return null;
        }

        $looked = "{$browsers->keyName} ({$browsers->key})";
        $fix = $this->context->env->refer($browsers->keyName, "{$publisher->prefix}_APP_KEY");

        return $this->context->appWith('key', $browsers->key) === null
            ? CheckResult::problem(Code::BrowserKeyUnknown, $looked, 'The server has no app with that key.', $fix)
            : CheckResult::warning(Code::BrowserKeyOfOtherApp, $looked, "Browsers connect to another app than the one that Laravel publishes to ({$publisher->key}).", $fix);
    }

    private function mixedContent(Browsers $browsers): ?CheckResult
    {
        $scheme = $this->context->env->vite("{$browsers->prefix}_SCHEME");

        return ! $browsers->isSecureOnly() || $scheme === null || $scheme === 'https' ? null : CheckResult::warning(
            Code::MixedContent,
            "APP_URL and {$browsers->prefix}_SCHEME",
            "Pages come over https ({$browsers->origin}), and from there browsers connect by wss only.",
            $this->context->env->change("{$browsers->prefix}_SCHEME", 'https'),
        );
    }

    private static function text(mixed $value): string
    {
        return is_scalar($value) ? (string) $value : '';
    }
}
