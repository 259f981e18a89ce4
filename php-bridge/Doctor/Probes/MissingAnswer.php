<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;

/**
 * Explains a missing response: which connection is broken, and how to fix it.
 */
final readonly class MissingAnswer
{
    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Remedies $remedies,
    ) {}

    public function explain(Endpoint $endpoint, Unreachable $unreachable): CheckResult
    {
        if ($this->isHidden($endpoint, $unreachable)) {
            return CheckResult::hiddenByPort($endpoint->url);
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
                $this->remedies->change($endpoint, 'SCHEME', 'https'),
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
                $this->remedies->otherPort($endpoint),
            ],
        };

        return CheckResult::problem($code, $endpoint->url, $fault, $fix);
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
                $this->probes->isServerHere() ? "See the log of what listens on {$where}. ".Proxy::Unknown->upstream($this->context) : Remedies::START,
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
            return [Code::ServerNotRunning, "Nothing listens on {$where}: the server is not running.", Remedies::START];
        }

        return [Code::ConnectionRefused, "Nothing listens on {$where}.", $this->remedies->otherPort($endpoint)];
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
            $this->remedies->change($endpoint, 'SCHEME', 'http').'; or give that port a certificate',
        ];
    }
}
