<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * The settings of several servers that share their channels over Redis.
 */
final readonly class Scaling
{
    private const PURPOSE = 'revurb-scaling';

    public function __construct(
        private ReverbConfig $config,
        private TlsOptions $tls,
    ) {}

    public function isEnabled(): bool
    {
        return filter_var($this->config->scaling()['enabled'] ?? false, FILTER_VALIDATE_BOOL);
    }

    /** @throws UnusableRedis */
    public function redis(): RedisAddress
    {
        return RedisAddress::of($this->config->scalingRedis(), $this->tls);
    }

    /**
     * The document's `scaling`.
     *
     * @return array<string, mixed>
     *
     * @throws UnusableRedis
     */
    public function toArray(): array
    {
        $scaling = $this->config->scaling();
        $enabled = ['enabled' => $scaling['enabled'] ?? false];

        if (! $this->isEnabled()) {
            return $enabled;
        }

        $redis = $this->redis();

        return array_filter([
            ...$enabled,
            'channel' => $this->channel($redis, $scaling['channel'] ?? Schema::DEFAULTS['servers.reverb.scaling.channel']),
            'secret' => ($scaling['secret'] ?? '') === '' ? $this->derivedSecret() : $scaling['secret'],
            'server' => $redis->toArray(),
        ], static fn (mixed $value): bool => $value !== null);
    }

    /** Laravel's Redis prefix keeps two applications that share one Redis apart. */
    private function channel(RedisAddress $redis, mixed $name): mixed
    {
        return is_scalar($name) ? ($redis->prefix() ?? $this->config->redisPrefix()).$name : $name;
    }

    /** Derived from APP_KEY, so that every server of an application has the same secret, which does not reveal the key. */
    private function derivedSecret(): ?string
    {
        $key = $this->config->appKey();

        return $key === null ? null : hash_hmac('sha256', self::PURPOSE, $key);
    }
}
