<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * PHP's SSL context options for Redis, from wherever phpredis and Predis have them in Laravel's settings.
 */
final readonly class RedisTls
{
    /**
     * @param  array<array-key, mixed>  $options
     * @param  bool  $isImplied  whether they alone turn TLS on, where no scheme says anything
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
     * In a cluster the context is nothing but the options.
     *
     * @param  array<array-key, mixed>  $settings
     * @return array<array-key, mixed>
     */
    private static function ofPhpRedis(array $settings, bool $isCluster): array
    {
        $context = data_get($settings, 'options.context') ?? $settings['context'] ?? [];
        $stream = data_get($context, 'stream') ?? ($isCluster ? $context : []);

        return is_array($stream) ? $stream : [];
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
