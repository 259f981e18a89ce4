<?php

declare(strict_types=1);

namespace Revurb\Doctor\Hops;

use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
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
        if ($this->isHidden($way, $unreachable)) {
            return $this->notJudged($way);
        }

        $where = $way->address->authority();

        [$code, $fault, $fix] = match ($unreachable->trouble) {
            Trouble::UnknownHost => [
                Code::HostUnknown,
                "The name {$way->address->host} is not known on this machine.",
                $this->setup->env->choose("{$way->prefix}_HOST", 'a name that is, or an address'),
            ],
            Trouble::Refused => $this->refused($way),
            Trouble::Silent => [Code::NoAnswer, ...$this->silent($way, $unreachable)],
            Trouble::Plain => $this->plain($way),
            Trouble::Encrypted => [
                Code::TlsExpected,
                "{$where} speaks TLS, and {$way->prefix}_SCHEME asks without.",
                $this->change($way, 'SCHEME', 'https'),
            ],
            Trouble::Certificate => [
                Code::CertificateRefused,
                "The certificate of {$where} is not accepted: {$unreachable->reason}.",
                Proxy::certificate($way->address->host),
            ],
            Trouble::Tls => [
                Code::TlsFailed,
                "There is no TLS connection to {$where}: {$unreachable->reason}.",
                'The TLS settings of whoever listens there (nginx: ssl_protocols TLSv1.2 TLSv1.3;)',
            ],
            Trouble::NoHttp => [
                Code::NoHttp,
                "What answers at {$where} speaks no HTTP.",
                $this->otherPort($way),
            ],
        };

        return Finding::problem($code, $way->url, $fault, $fix);
    }

    /** An answer that none of the server's own explains. */
    public function strange(Way $way, Reply $reply): Finding
    {
        if ($this->hops->isPortForeign()) {
            return $this->notJudged($way);
        }

        $proxy = Proxy::of($reply);

        [$code, $fault, $fix] = match (true) {
            $this->isRedirect($reply) => [Code::Redirected, ...$this->redirected($way, $reply, $proxy)],
            $reply->refusal() === 'request-path' => [Code::PathUnknown, ...$this->wrongPrefix($way)],
            in_array($reply->status, [502, 503, 504], true) => [Code::ProxyWithoutServer, ...$this->proxyAlone($way, $reply, $proxy)],
            in_array($reply->status, [401, 403, 407], true) => [
                Code::AccessDenied,
                "{$this->who($way, $reply)} denies access ({$reply->status}).",
                $proxy->open($this->setup, $way->path),
            ],
            in_array($reply->status, [200, 404, 405], true) => [
                Code::NotPassedOn,
                "{$this->who($way, $reply)} answers {$reply->status} itself: {$way->path} is not passed on to the server.",
                $this->isNoProxy($way, $proxy) ? $this->otherPort($way) : $proxy->passOn($this->setup),
            ],
            default => [
                Code::AnswerUnknown,
                "{$this->who($way, $reply)} answers {$reply->status}.",
                "See its log, and that of the server. {$proxy->upstream($this->setup)}",
            ],
        };

        return Finding::problem($code, $way->url, $fault, $fix);
    }

    /** Another program has the server's port: what it answers, or a proxy in front of it, is no evidence about the server. */
    private function notJudged(Way $way): Finding
    {
        return Finding::hint(Code::NotJudged, $way->url, 'Not judged: another program has the port of the server.', 'See port.');
    }

    private function isHidden(Way $way, Unreachable $unreachable): bool
    {
        return $unreachable->trouble !== Trouble::UnknownHost && $this->setup->isOwnDoor($way->address) && $this->hops->isPortForeign();
    }

    /** @return array{string, string} */
    private function silent(Way $way, Unreachable $unreachable): array
    {
        $where = $way->address->authority();

        if ($unreachable->reason === '') {
            return [
                "{$where} accepts the connection and answers nothing: a proxy that waits for a server which it does not find, or a server that hangs.",
                $this->hops->isServerHere() ? "See the log of what listens on {$where}. ".Proxy::Unknown->upstream($this->setup) : self::START,
            ];
        }

        return [
            "{$where} does not answer ({$unreachable->reason}): a firewall, or a public address that cannot be reached from within.",
            "Open port {$way->address->port} on {$way->address->host}, or {$this->setup->env->choose("{$way->prefix}_HOST", 'a host that answers')}",
        ];
    }

    /** @return array{Code, string, string} */
    private function refused(Way $way): array
    {
        $where = $way->address->authority();

        if ($this->setup->isOwnDoor($way->address) && ! $this->hops->isServerHere()) {
            return [Code::ServerNotRunning, "Nobody listens on {$where}: the server is not running.", self::START];
        }

        return [Code::ConnectionRefused, "Nobody listens on {$where}.", $this->otherPort($way)];
    }

    /** @return array{Code, string, string} */
    private function plain(Way $way): array
    {
        $where = $way->address->authority();
        $browsers = $this->setup->browsers;

        if ($way->path === '/app' && $browsers !== null && $browsers->isSecureOnly()) {
            return [
                Code::MixedContent,
                "Pages come over https ({$browsers->origin}), from where browsers connect by wss only, and {$where} speaks plain HTTP.",
                $this->setup->env->choose("{$way->prefix}_PORT", 'the port where your web server has TLS and passes /app on (443); or give the server the certificate'),
            ];
        }

        return [
            Code::PlainHttp,
            "{$where} speaks plain HTTP, and {$way->prefix}_SCHEME asks for TLS.",
            $this->change($way, 'SCHEME', 'http').'; or give that port a certificate',
        ];
    }

    /** @return array{string, string} */
    private function redirected(Way $way, Reply $reply, Proxy $proxy): array
    {
        $to = $reply->header('location');
        $fault = "{$this->who($way, $reply)} redirects to {$to}, and neither publishers nor WebSockets follow.";

        if (! $way->address->isSecure && str_starts_with($to, 'https://')) {
            $port = parse_url($to, PHP_URL_PORT) ?: 443;

            return [$fault, "{$this->change($way, 'SCHEME', 'https')}, and {$this->change($way, 'PORT', (string) $port)}"];
        }

        return [$fault, $proxy->noRedirect($this->setup, $way->path)];
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
    private function proxyAlone(Way $way, Reply $reply, Proxy $proxy): array
    {
        $fault = "{$this->who($way, $reply)} cannot reach the server ({$reply->status})";

        return $this->hops->isServerHere()
            ? ["{$fault}, which listens on {$this->setup->server->authority()}.", $proxy->upstream($this->setup)]
            : ["{$fault}, which is not running.", self::START];
    }

    private function who(Way $way, Reply $reply): string
    {
        $name = $reply->header('server');
        $name = $name === '' && Proxy::of($reply) === Proxy::HAProxy ? 'HAProxy' : $name;

        return $name === '' ? "Whoever listens on {$way->address->authority()}" : "{$name} on {$way->address->authority()}";
    }

    /** Such as `php artisan serve`: on this machine, beside the server, and none of the proxies. */
    private function isNoProxy(Way $way, Proxy $proxy): bool
    {
        return $proxy === Proxy::Unknown && $way->address->isLocal() && $this->hops->isServerHere();
    }

    private function otherPort(Way $way): string
    {
        $server = $this->setup->server;
        $scheme = $way->address->isSecure === $server->isSecure ? '' : " and {$this->change($way, 'SCHEME', $server->isSecure ? 'https' : 'http')}";

        return "{$this->change($way, 'PORT', (string) $server->port)}{$scheme} (the server's own), or the port of the proxy";
    }

    /** A line of browsers that refers to one of Laravel's leads there, unless Laravel publishes with that one as it is. */
    private function change(Way $way, string $name, string $value): string
    {
        $name = "{$way->prefix}_{$name}";

        return $this->hops->doesPublisherArrive() ? $this->setup->env->change($name, $value) : $this->setup->env->changeOrigin($name, $value);
    }

    private function isRedirect(Reply $reply): bool
    {
        return $reply->status > 300 && $reply->status < 400;
    }
}
