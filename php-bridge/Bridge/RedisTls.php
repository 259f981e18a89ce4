<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Support\Arr;

/**
 * PHP's SSL context options for Redis, from the places in which phpredis and Predis expect them in Laravel's settings.
 */
final readonly class RedisTls
{
    /**
     * @param  array<array-key, mixed>  $options
     * @param  bool  $isImplied  whether they turn TLS on if there is no scheme
     */
    private function __construct(
        public array $options,
        public bool $isImplied,
    ) {}

    /** @param  array<array-key, mixed>  $settings  of a connection */
    public static function of(array $settings, bool $isCluster, TlsOptions $tls): self
    {
        $ofPhpRedis = $tls->readable(self::ofPhpRedis($settings, $isCluster));

        return $ofPhpRedis === [] ? new self($tls->readable(self::ofPredis($settings)), false) : new self($ofPhpRedis, true);
    }

    /**
     * In a cluster phpredis takes a context that consists of the options alone; REVURB_REDIS_* add theirs under `stream`.
     *
     * @param  array<array-key, mixed>  $settings
     * @return array<array-key, mixed>
     */
    private static function ofPhpRedis(array $settings, bool $isCluster): array
    {
        $context = data_get($settings, 'options.context') ?? $settings['context'] ?? [];
        $context = is_array($context) ? $context : [];
        $stream = is_array($context['stream'] ?? null) ? array_filter($context['stream'], static fn (mixed $value): bool => $value !== null) : [];

        return $isCluster ? $stream + Arr::except($context, 'stream') : $stream;
    }

    /**
     * @param  array<array-key, mixed>  $settings
     * @return array<array-key, mixed>
     */
    private static function ofPredis(array $settings): array
    {
        $ssl = $settings['ssl'] ?? data_get($settings, 'options.parameters.ssl');

        return is_array($ssl) ? $ssl : [];
    }
}
