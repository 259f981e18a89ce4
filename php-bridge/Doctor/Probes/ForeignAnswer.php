<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;

/**
 * Explains a response that the server itself never sends: which proxy or program has sent it, and how to fix that.
 */
final readonly class ForeignAnswer
{
    /** Statuses of a proxy or an application that answers a path in place of the server. */
    private const FOREIGN = [200, 404, 405];

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Remedies $remedies,
    ) {}

    public function explain(Endpoint $endpoint, Reply $reply): CheckResult
    {
        if ($this->probes->isPortForeign()) {
            return CheckResult::hiddenByPort($endpoint->url);
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
                $this->isNoProxy($endpoint, $proxy) ? $this->remedies->otherPort($endpoint) : $proxy->passThrough($this->context, $this->missing($endpoint)),
            ],
            default => [
                Code::AnswerUnknown,
                "{$this->who($endpoint, $reply)} answers {$reply->status}.",
                "See its log, and that of the server. {$proxy->upstream($this->context)}",
            ],
        };

        return CheckResult::problem($code, $endpoint->url, $fault, $fix);
    }

    /** @return array{string, string} */
    private function redirected(Endpoint $endpoint, Reply $reply, Proxy $proxy): array
    {
        $to = $reply->header('location');
        $fault = "{$this->who($endpoint, $reply)} redirects to {$to}, and neither publishers nor WebSockets follow.";

        if (! $endpoint->address->isSecure && str_starts_with($to, 'https://')) {
            $port = parse_url($to, PHP_URL_PORT) ?: 443;

            return [$fault, "{$this->remedies->change($endpoint, 'SCHEME', 'https')}, and {$this->remedies->change($endpoint, 'PORT', (string) $port)}"];
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
            : ["{$fault}, which is not running.", Remedies::START];
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

    private function isRedirect(Reply $reply): bool
    {
        return $reply->status > 300 && $reply->status < 400;
    }
}
