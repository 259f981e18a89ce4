<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\DoctorContext;

/**
 * The lines to change where an address is wrong, and what has to follow the change.
 */
final readonly class Remedies
{
    public const START = 'php artisan reverb:start';

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
    ) {}

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

    /** The line with the port, and that with the scheme where it is another one. */
    public function otherPort(Endpoint $endpoint): string
    {
        $server = $this->context->server;
        $scheme = $endpoint->address->isSecure === $server->isSecure ? '' : " and {$this->change($endpoint, 'SCHEME', $server->isSecure ? 'https' : 'http')}";

        return $this->change($endpoint, 'PORT', (string) $server->port, " (the server's own, or that of the proxy)").$scheme;
    }

    /**
     * The line to change. If a variable of browsers refers to one of Laravel's, it is that one, unless Laravel publishes with it
     * successfully.
     */
    public function change(Endpoint $endpoint, string $name, string $value, string $remark = ''): string
    {
        $name = "{$endpoint->prefix}_{$name}";

        return $this->probes->canPublish() ? $this->context->env->change($name, $value, $remark) : $this->context->env->changeOrigin($name, $value, $remark);
    }
}
