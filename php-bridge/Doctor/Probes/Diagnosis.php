<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;

/**
 * Explains a missing response, or one that does not come from the server: which connection is broken, and how to fix it.
 */
final readonly class Diagnosis
{
    public const START = 'php artisan reverb:start';

    /** Statuses of a proxy or an application that answers a path in place of the server. */
    private const FOREIGN = [200, 404, 405];

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

    public function unreachable(Endpoint $endpoint, Unreachable $unreachable): CheckResult
    {
        if ($this->isHidden($endpoint, $unreachable)) {
            return $this->notJudged($endpoint);
        }

        $where = $endpoint->address->authority();

        [$code, $fault, $fix] = match ($unreachable->error) {
            ConnectionError::UnknownHost => [
                Code::HostUnknown,
                "The name {$endpoint->address->host} is not known on this machine.",
                $this->context->env->choose("{$endpoint->prefix}_HOST", 'a name that is, or an address'),
            ],
            ConnectionError::Refused => $this->refused($endpoint),
            ConnectionError::Silent => [Code::NoAnswer, ...$this->silent($endpoint, $unreachable)],
            ConnectionError::Plain => $this->plain($endpoint),
            ConnectionError::Encrypted => [
                Code::TlsExpected,
                "{$where} speaks TLS, and {$endpoint->prefix}_SCHEME asks without.",
                $this->change($endpoint, 'SCHEME', 'https'),
            ],
            ConnectionError::Certificate => [
                Code::CertificateRefused,
                "The certificate of {$where} is not accepted: {$unreachable->reason}.",
                Proxy::certificate($endpoint->address->host),
            ],
            ConnectionError::Tls => [
                Code::TlsFailed,
                "There is no TLS connection to {$where}: {$unreachable->reason}.",
                'The TLS settings of the program that listens there (nginx: ssl_protocols TLSv1.2 TLSv1.3;)',
            ],
            ConnectionError::NoHttp => [
                Code::NoHttp,
                "What answers at {$where} speaks no HTTP.",
                $this->otherPort($endpoint),
            ],
        };

        return CheckResult::problem($code, $endpoint->url, $fault, $fix);
    }

    /** What has to follow the change of a variable or value that the running server has read. */
    public function thenRestart(string $variable = '', string $how = 'php artisan reverb:restart'): string
    {
        $cache = $this->context->env->afterChange($variable);

        return match (true) {
            $this->probes->isServerHere() => "{$cache}, and then: {$how}",
            $this->probes->isPassedOn('/apps'), $this->probes->isPassedOn('/app') => "{$cache}, and then, where the server runs: {$how}",
            default => $cache,
        };
    }

    /** Explains a response that the server itself never sends. */
    public function strange(Endpoint $endpoint, Reply $reply): CheckResult
    {
        if ($this->probes->isPortForeign()) {
            return $this->notJudged($endpoint);
        }

        $proxy = Proxy::of($reply);

        [$code, $fault, $fix] = match (true) {
            $this->isRedirect($reply) => [Code::Redirected, ...$this->redirected($endpoint, $reply, $proxy)],
            $reply->refusal() === 'request-path' => [Code::PathUnknown, ...$this->wrongPrefix($endpoint, $proxy)],
            in_array($reply->status, [502, 503, 504], true) => [Code::ProxyWithoutServer, ...$this->proxyAlone($endpoint, $reply, $proxy)],
            in_array($reply->status, [401, 403, 407], true) => [
                Code::AccessDenied,
                "{$this->who($endpoint, $reply)} denies access ({$reply->status}).",
                $proxy->open($this->context, $endpoint->path),
            ],
            in_array($reply->status, self::FOREIGN, true) => [
                Code::NotPassedOn,
                $this->notPassedOn($endpoint, $reply),
                $this->isNoProxy($endpoint, $proxy) ? $this->otherPort($endpoint) : $proxy->passThrough($this->context, $this->missing($endpoint)),
            ],
            default => [
                Code::AnswerUnknown,
                "{$this->who($endpoint, $reply)} answers {$reply->status}.",
                "See its log, and that of the server. {$proxy->upstream($this->context)}",
            ],
        };

        return CheckResult::problem($code, $endpoint->url, $fault, $fix);
    }

    /** Another program has the server's port: its responses, and those of a proxy in front of it, say nothing about the server. */
    private function notJudged(Endpoint $endpoint): CheckResult
    {
        return CheckResult::hint(Code::NotJudged, $endpoint->url, 'Not judged: another program has the port of the server.', 'See port.');
    }

    private function isHidden(Endpoint $endpoint, Unreachable $unreachable): bool
    {
        return $unreachable->error !== ConnectionError::UnknownHost && $this->context->isServerItself($endpoint->address) && $this->probes->isPortForeign();
    }

    /** @return array{string, string} */
    private function silent(Endpoint $endpoint, Unreachable $unreachable): array
    {
        $where = $endpoint->address->authority();

        if ($unreachable->isListening()) {
            return [
                "{$where} accepts the connection and answers nothing: a proxy that waits for a server which it does not find, or a server that hangs.",
                $this->probes->isServerHere() ? "See the log of what listens on {$where}. ".Proxy::Unknown->upstream($this->context) : self::START,
            ];
        }

        return [
            "{$where} does not answer ({$unreachable->reason}): a firewall, or a public address that cannot be reached from within.",
            "Open port {$endpoint->address->port} on {$endpoint->address->host}, or {$this->context->env->choose("{$endpoint->prefix}_HOST", 'a host that answers')}",
        ];
    }

    /** @return array{Code, string, string} */
    private function refused(Endpoint $endpoint): array
    {
        $where = $endpoint->address->authority();

        if ($this->context->isServerItself($endpoint->address) && ! $this->probes->isServerHere()) {
            return [Code::ServerNotRunning, "Nothing listens on {$where}: the server is not running.", self::START];
        }

        return [Code::ConnectionRefused, "Nothing listens on {$where}.", $this->otherPort($endpoint)];
    }

    /** @return array{Code, string, string} */
    private function plain(Endpoint $endpoint): array
    {
        $where = $endpoint->address->authority();
        $browsers = $this->context->browsers;

        if ($endpoint->path === '/app' && $browsers !== null && $browsers->isSecureOnly()) {
            return [
                Code::MixedContent,
                "Pages come over https ({$browsers->origin}), from where browsers connect by wss only, and {$where} speaks plain HTTP.",
                $this->context->env->choose("{$endpoint->prefix}_PORT", 'the port where your web server has TLS and passes /app on (443); or give the server the certificate'),
            ];
        }

        return [
            Code::PlainHttp,
            "{$where} speaks plain HTTP, and {$endpoint->prefix}_SCHEME asks for TLS.",
            $this->change($endpoint, 'SCHEME', 'http').'; or give that port a certificate',
        ];
    }

    /** @return array{string, string} */
    private function redirected(Endpoint $endpoint, Reply $reply, Proxy $proxy): array
    {
        $to = $reply->header('location');
        $fault = "{$this->who($endpoint, $reply)} redirects to {$to}, and neither publishers nor WebSockets follow.";

        if (! $endpoint->address->isSecure && str_starts_with($to, 'https://')) {
            $port = parse_url($to, PHP_URL_PORT) ?: 443;

            return [$fault, "{$this->change($endpoint, 'SCHEME', 'https')}, and {$this->change($endpoint, 'PORT', (string) $port)}"];
        }

        return [$fault, $proxy->noRedirect($this->context, $endpoint->path)];
    }

    /** @return array{string, string} */
    private function wrongPrefix(Endpoint $endpoint, Proxy $proxy): array
    {
        $path = $this->context->server->path;
        $sent = $endpoint->address->path;

        $isHere = $this->probes->isServerHere();
        $isOlder = ! $this->probes->isHealthy() && ($isHere || $sent === $path);

        return match (true) {
            $isOlder => [
                "The running server does not know the path {$sent}{$endpoint->path}: it was started with another REVERB_SERVER_PATH.",
                'php artisan reverb:restart'.($isHere ? '' : '; or a proxy that keeps the path as it is'),
            ],
            $sent === $path => [
                "The server does not know the path: the request arrives there without its prefix \"{$path}\".",
                "A proxy that keeps the path as it is. {$proxy->passThrough($this->context, [$endpoint->path])}",
            ],
            // That of browsers is always the configured one.
            default => [
                "The server does not know the path: its prefix is \"{$path}\", and that of this address \"{$sent}\".",
                "config/broadcasting.php, connections.reverb.options: 'path' => '{$path}/', with the slash at its end",
            ],
        };
    }

    /** @return array{string, string} */
    private function proxyAlone(Endpoint $endpoint, Reply $reply, Proxy $proxy): array
    {
        $fault = "{$this->who($endpoint, $reply)} cannot reach the server ({$reply->status})";

        return $this->probes->isServerHere()
            ? ["{$fault}, which listens on {$this->context->server->authority()}.", $this->hasNoBackend($endpoint, $reply, $proxy) ? $proxy->passThrough($this->context, [$endpoint->path]) : $proxy->upstream($this->context)]
            : ["{$fault}, which is not running.", self::START];
    }

    /** Whether HAProxy, which answers 503 also where no backend was chosen, reaches the server for the other path. */
    private function hasNoBackend(Endpoint $endpoint, Reply $reply, Proxy $proxy): bool
    {
        $other = self::otherPath($endpoint);

        return $proxy === Proxy::HAProxy && $reply->status === 503 && $this->isAtSameProxy($endpoint, $other) && $this->probes->isPassedOn($other);
    }

    private function notPassedOn(Endpoint $endpoint, Reply $reply): string
    {
        $who = $this->who($endpoint, $reply);

        return $reply->isOfLaravel()
            ? "{$who} answers {$reply->status} with a page of Laravel: {$endpoint->path} is passed on to the application and not to the server."
            : "{$who}, or the application behind it, answers {$reply->status}: {$endpoint->path} is not passed on to the server.";
    }

    /**
     * The paths that this proxy does not pass on: also the other one if nothing but a page answers there, too.
     *
     * @return list<'/app'|'/apps'>
     */
    private function missing(Endpoint $endpoint): array
    {
        $other = self::otherPath($endpoint);
        $reply = $this->probes->at($other);
        $isOtherMissing = $this->isAtSameProxy($endpoint, $other) && $reply instanceof Reply && ! $this->probes->isPassedOn($other) && in_array($reply->status, self::FOREIGN, true);

        return $isOtherMissing ? Proxy::BOTH : [$endpoint->path];
    }

    private function isAtSameProxy(Endpoint $endpoint, string $other): bool
    {
        $address = $other === '/app' ? $this->context->browsers?->address : $this->context->publisher?->address;

        return $address?->authority() === $endpoint->address->authority();
    }

    /** @return '/app'|'/apps' */
    private static function otherPath(Endpoint $endpoint): string
    {
        return $endpoint->path === '/app' ? '/apps' : '/app';
    }

    private function who(Endpoint $endpoint, Reply $reply): string
    {
        $name = $reply->header('server');
        $name = $name === '' && Proxy::of($reply) === Proxy::HAProxy ? 'HAProxy' : $name;

        return $name === '' ? "The program that listens on {$endpoint->address->authority()}" : "{$name} on {$endpoint->address->authority()}";
    }

    /** Whether that is a program on this machine beside the server and no proxy, such as `php artisan serve`. */
    private function isNoProxy(Endpoint $endpoint, Proxy $proxy): bool
    {
        return $proxy === Proxy::Unknown && $endpoint->address->isLocal() && $this->probes->isServerHere();
    }

    private function otherPort(Endpoint $endpoint): string
    {
        $server = $this->context->server;
        $scheme = $endpoint->address->isSecure === $server->isSecure ? '' : " and {$this->change($endpoint, 'SCHEME', $server->isSecure ? 'https' : 'http')}";

        return $this->change($endpoint, 'PORT', (string) $server->port, " (the server's own, or that of the proxy)").$scheme;
    }

    /**
     * The line to change. If a variable of browsers refers to one of Laravel's, it is that one, unless Laravel publishes with it
     * successfully.
     */
    private function change(Endpoint $endpoint, string $name, string $value, string $remark = ''): string
    {
        $name = "{$endpoint->prefix}_{$name}";

        return $this->probes->canPublish() ? $this->context->env->change($name, $value, $remark) : $this->context->env->changeOrigin($name, $value, $remark);
    }

    private function isRedirect(Reply $reply): bool
    {
        return $reply->status > 300 && $reply->status < 400;
    }
}
