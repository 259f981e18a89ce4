<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Address;
use Revurb\Doctor\Setup\Setup;

/**
 * What it means where an answer is missing, or comes from somebody else than the server: which hop is broken.
 */
final readonly class Diagnosis
{
    public const START = 'php artisan reverb:start';

    public function __construct(
        private Setup $setup,
        private Hops $hops,
    ) {}

    public function unreachable(Way $way, Unreachable $unreachable): Finding
    {
        $where = $way->address->authority();
        $change = fn (string $name, string $value): string => $this->change($way, $name, $value);
        $choose = fn (string $name, string $what): string => $this->setup->env->choose("{$way->prefix}_{$name}", $what);

        [$fault, $fix] = match ($unreachable->trouble) {
            Trouble::UnknownHost => [
                "The name {$way->address->host} is not known on this machine.",
                $choose('HOST', 'a name that is, or an address'),
            ],
            Trouble::Refused => $this->refused($way, $change),
            Trouble::Silent => [
                "{$where} does not answer".($unreachable->reason === '' ? '' : " ({$unreachable->reason})").': a firewall, or a public address that cannot be reached from within.',
                "Open port {$way->address->port} on {$way->address->host}, or {$choose('HOST', 'a host that answers')}",
            ],
            Trouble::Plain => [
                "{$where} speaks plain HTTP, and {$way->prefix}_SCHEME asks for TLS.",
                $change('SCHEME', 'http').'; or give that port a certificate',
            ],
            Trouble::Encrypted => [
                "{$where} speaks TLS, and {$way->prefix}_SCHEME asks without.",
                $change('SCHEME', 'https'),
            ],
            Trouble::Certificate => [
                "The certificate of {$where} is not accepted: {$unreachable->reason}.",
                "A certificate for {$way->address->host} with its whole chain (nginx: ssl_certificate …/fullchain.pem;)",
            ],
            Trouble::Tls => [
                "There is no TLS connection to {$where}: {$unreachable->reason}.",
                'The TLS settings of whoever listens there (nginx: ssl_protocols TLSv1.2 TLSv1.3;)',
            ],
            Trouble::NoHttp => [
                "What answers at {$where} speaks no HTTP.",
                "{$change('PORT', (string) $this->setup->server->port)} (the server's own), or the port of the proxy",
            ],
        };

        return Finding::problem($way->url, $fault, $fix);
    }

    /** An answer that none of the server's own explains. */
    public function strange(Way $way, Reply $reply): Finding
    {
        [$fault, $fix] = match (true) {
            $this->isRedirect($reply) => $this->redirected($way, $reply),
            $reply->isServersNotFound() => $this->wrongPrefix($way),
            in_array($reply->status, [502, 503, 504], true) => $this->proxyAlone($way, $reply),
            in_array($reply->status, [401, 403, 407], true) => [
                "{$this->who($way, $reply)} lets nobody in ({$reply->status}).",
                "In the proxy, {$way->path} must need no password and be open to all: location ~ ^{$this->setup->server->path}{$way->path}/ { auth_basic off; {$this->setup->proxyPass()} }",
            ],
            in_array($reply->status, [200, 404, 405], true) => [
                "{$this->who($way, $reply)} answers {$reply->status} itself: {$way->path} is not passed on to the server.",
                "In the proxy: location ~ ^{$this->setup->server->path}/apps?/ { {$this->setup->proxyPass()} … } (`reverb:install --stubs=nginx` writes it)",
            ],
            default => [
                "{$this->who($way, $reply)} answers {$reply->status}.",
                "See its log, and that of the proxy: {$this->setup->proxyPass()}",
            ],
        };

        return Finding::problem($way->url, $fault, $fix);
    }

    /**
     * @param  callable(string, string): string  $change
     * @return array{string, string}
     */
    private function refused(Way $way, callable $change): array
    {
        $where = $way->address->authority();

        if ($this->isOwnDoor($way->address) && ! $this->hops->isServerHere()) {
            return ["Nobody listens on {$where}: the server is not running.", self::START];
        }

        return ["Nobody listens on {$where}.", "{$change('PORT', (string) $this->setup->server->port)} (the server's own), or the port of the proxy"];
    }

    /** @return array{string, string} */
    private function redirected(Way $way, Reply $reply): array
    {
        $to = $reply->header('location');
        $fault = "{$this->who($way, $reply)} redirects to {$to}, and neither publishers nor WebSockets follow.";

        if (! $way->address->isSecure && str_starts_with($to, 'https://')) {
            $port = parse_url($to, PHP_URL_PORT) ?: 443;

            return [$fault, "{$this->change($way, 'SCHEME', 'https')}, and {$this->change($way, 'PORT', (string) $port)}"];
        }

        return [$fault, "In the proxy, no redirect for {$way->path}: location ~ ^{$this->setup->server->path}/apps?/ { {$this->setup->proxyPass()} … }"];
    }

    /** @return array{string, string} */
    private function wrongPrefix(Way $way): array
    {
        $path = $this->setup->server->path;

        return [
            "The server does not know the path: its prefix is \"{$path}\", and that of this address \"{$way->address->path}\".",
            $way->path === '/app'
                ? "Echo's wsPath: '{$path}'; or a proxy that keeps the path as it is"
                : "config/broadcasting.php, connections.reverb.options: 'path' => '{$path}/', with the slash at its end",
        ];
    }

    /** @return array{string, string} */
    private function proxyAlone(Way $way, Reply $reply): array
    {
        $fault = "{$this->who($way, $reply)} cannot reach the server ({$reply->status})";

        return $this->hops->isServerHere()
            ? ["{$fault}, which listens on {$this->setup->server->authority()}.", "In the proxy: {$this->setup->proxyPass()}"]
            : ["{$fault}, which is not running.", self::START];
    }

    private function who(Way $way, Reply $reply): string
    {
        $name = $reply->header('server');

        return $name === '' ? "Whoever listens on {$way->address->authority()}" : "{$name} on {$way->address->authority()}";
    }

    /** A line of browsers that refers to one of Laravel's leads there, unless Laravel publishes with that one as it is. */
    private function change(Way $way, string $name, string $value): string
    {
        $name = "{$way->prefix}_{$name}";

        return $this->hops->doesPublisherArrive() ? $this->setup->env->change($name, $value) : $this->setup->env->changeOrigin($name, $value);
    }

    private function isOwnDoor(Address $address): bool
    {
        return $address->isLocal() && $address->port === $this->setup->server->port;
    }

    private function isRedirect(Reply $reply): bool
    {
        return $reply->status > 300 && $reply->status < 400;
    }
}
