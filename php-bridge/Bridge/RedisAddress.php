<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * The address and the credentials of the Redis for scaling, from Laravel's settings of a connection and Revurb's additions to them:
 * sentinels and cluster.
 */
final readonly class RedisAddress
{
    private const PORT = Schema::DEFAULTS['servers.reverb.scaling.server.port'];

    private const SENTINEL_PORT = 26379;

    /**
     * @param  'single'|'sentinels'|'cluster'  $kind
     * @param  non-empty-list<RedisHost>  $hosts
     * @param  array<array-key, mixed>  $settings
     */
    private function __construct(
        public string $kind,
        private array $hosts,
        private array $settings,
        private RedisTls $tls,
    ) {}

    /**
     * @param  array<array-key, mixed>  $settings
     *
     * @throws UnusableRedis
     */
    public static function of(array $settings, TlsOptions $tls): self
    {
        $settings = RedisSettings::parse($settings);

        if (($sentinels = RedisHost::listed($settings['sentinels'] ?? null, self::SENTINEL_PORT)) !== []) {
            return new self('sentinels', $sentinels, $settings, RedisTls::of($settings, false, $tls));
        }

        if (($nodes = RedisHost::listed($settings['cluster'] ?? $settings['nodes'] ?? null, self::PORT)) !== []) {
            return new self('cluster', $nodes, $settings, RedisTls::of($settings, true, $tls));
        }

        return new self('single', [RedisHost::of($settings + ['host' => Schema::DEFAULTS['servers.reverb.scaling.server.host']], self::PORT)], $settings, RedisTls::of($settings, false, $tls));
    }

    /** The prefix of names in this Redis; null for that of Laravel's Redis options. */
    public function prefix(): ?string
    {
        $options = $this->settings['options'] ?? null;
        $prefix = $this->settings['prefix'] ?? (is_array($options) ? $options['prefix'] ?? null : null);

        return is_scalar($prefix) ? (string) $prefix : null;
    }

    /** @return array<string, mixed> the document's `scaling.server` */
    public function toArray(): array
    {
        $hosts = array_map(static fn (RedisHost $host): array => $host->toArray(), $this->hosts);

        return self::present([
            ...$this->kind === 'single' ? $hosts[0] : [$this->kind => $hosts],
            'master' => $this->given('master') ?? $this->given('service'),
            'sentinel_password' => $this->given('sentinel_password'),
            ...$this->login(),
            'timeout' => $this->timeout(),
            'tls' => $this->isSecure() ? $this->tls->options ?: true : false,
        ]);
    }

    /** @return non-empty-list<array<string, mixed>> settings of Laravel for a connection to each host */
    public function connections(): array
    {
        $login = $this->kind === 'sentinels' ? ['password' => $this->given('sentinel_password')] : $this->login();
        $security = $this->isSecure() ? $this->security() : [];

        return array_map(static fn (RedisHost $host): array => self::present([...$host->toArray(), ...$login, ...$security]), $this->hosts);
    }

    /** @return array<string, mixed> the TLS settings for phpredis and for Predis */
    private function security(): array
    {
        $options = $this->tls->options ?: null;

        return ['scheme' => 'tls', 'context' => $options === null ? null : ['stream' => $options], 'ssl' => $options];
    }

    /** @return array<string, mixed> without a user that has no password and without the database of a cluster, which Laravel ignores too */
    private function login(): array
    {
        $password = $this->given('password');

        return [
            'username' => $password === null ? null : $this->given('username'),
            'password' => $password,
            'database' => $this->kind === 'cluster' ? null : $this->given('database'),
        ];
    }

    /** The timeout in whole seconds. For Laravel 0 is the default as well. */
    private function timeout(): mixed
    {
        $timeout = $this->given('timeout');

        return is_numeric($timeout) ? (int) ceil((float) $timeout) ?: null : $timeout;
    }

    /** Whether TLS is used: one secure host means that all are. */
    private function isSecure(): bool
    {
        $schemes = [RedisHost::areSecure($this->given('scheme')), ...array_map(static fn (RedisHost $host): ?bool => $host->isSecure, $this->hosts)];

        return in_array(true, $schemes, true) || ($this->tls->isImplied && ! in_array(false, $schemes, true));
    }

    private function given(string $name): mixed
    {
        $value = $this->settings[$name] ?? null;

        return $value === '' ? null : $value;
    }

    /**
     * @param  array<string, mixed>  $values
     * @return array<string, mixed>
     */
    private static function present(array $values): array
    {
        return array_filter($values, static fn (mixed $value): bool => $value !== null);
    }
}
