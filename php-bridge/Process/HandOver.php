<?php

declare(strict_types=1);

namespace Revurb\Process;

use JsonException;

/**
 * A server that goes on while its supervisor becomes a new run of itself: what the next run has to know of it.
 */
final readonly class HandOver
{
    /**
     * @param  int  $server  its process id
     * @param  string  $address  where it listens, host:port
     * @param  string  $peer  the Unix socket on which it waits for the next server
     */
    public function __construct(
        public int $server,
        public string $address,
        public string $peer,
    ) {}

    /** @param  string  $folder  for temporary files; the socket gets one of its own in it that nobody else may read */
    public static function newPeer(string $folder): string
    {
        $own = $folder.'/revurb-'.bin2hex(random_bytes(8));
        mkdir($own, 0700);

        return "{$own}/peer.sock";
    }

    public static function fromJson(string $json): ?self
    {
        $content = json_decode($json, true);

        return is_array($content) && is_int($content['server'] ?? null) && is_string($content['address'] ?? null) && is_string($content['peer'] ?? null)
            ? new self($content['server'], $content['address'], $content['peer'])
            : null;
    }

    /** @throws JsonException */
    public function toJson(): string
    {
        return json_encode(get_object_vars($this), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }
}
