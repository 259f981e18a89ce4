<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * The address of one Redis or Sentinel.
 */
final readonly class RedisHost
{
    private const SECURE = ['tls', 'rediss', 'ssl'];

    private function __construct(
        public string $host,
        public mixed $port,
        /** Null where neither the host nor a scheme decides it. */
        public ?bool $isSecure,
    ) {}

    /**
     * @param  array<array-key, mixed>  $settings  of a connection
     *
     * @throws UnusableRedis
     */
    public static function of(array $settings, int $port): self
    {
        preg_match('~^(?:(\w+)://)?\[?(.*?)]?$~', self::text($settings['host'] ?? null), $parts);
        [, $prefix, $host] = $parts + ['', '', ''];
        $scheme = self::text($settings['scheme'] ?? null);

        return match (true) {
            in_array('unix', [$prefix, $scheme], true), preg_match('~^(unix:)?/~', $host) === 1 => throw UnusableRedis::socket(),
            $host === '' => throw UnusableRedis::host(),
            default => new self(
                $host,
                self::text($settings['port'] ?? null) === '' ? $port : $settings['port'],
                self::areSecure($prefix, $scheme),
            ),
        };
    }

    /**
     * @param  mixed  $list  hosts, with or without their ports, as texts or as settings of connections; or a text with commas
     * @return list<self>
     *
     * @throws UnusableRedis
     */
    public static function listed(mixed $list, int $port): array
    {
        $items = is_array($list) ? $list : array_filter(array_map(trim(...), explode(',', self::text($list))));

        return array_values(array_map(
            static fn (mixed $item): self => self::of(RedisSettings::parse(is_array($item) ? $item : self::url(self::text($item))), $port),
            $items,
        ));
    }

    /** Whether one of the schemes is secure; null if there is no scheme. */
    public static function areSecure(mixed ...$schemes): ?bool
    {
        $given = array_filter(array_map(static fn (mixed $scheme): string => strtolower(self::text($scheme)), $schemes));

        return $given === [] ? null : array_intersect($given, self::SECURE) !== [];
    }

    /** @return array{host: string, port: mixed} */
    public function toArray(): array
    {
        return ['host' => $this->host, 'port' => $this->port];
    }

    private static function url(string $text): string
    {
        return match (true) {
            str_contains($text, '://') => $text,
            str_starts_with($text, '/') => "unix:{$text}",
            // A bare IPv6 address without a port.
            substr_count($text, ':') > 1 && ! str_starts_with($text, '[') => "//[{$text}]",
            default => "//{$text}",
        };
    }

    private static function text(mixed $value): string
    {
        return is_scalar($value) ? trim((string) $value) : '';
    }
}
