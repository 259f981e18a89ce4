<?php

declare(strict_types=1);

namespace Revurb\Restart;

use JsonException;
use RuntimeException;

/**
 * What the next run of this process has to know of the server that continues to run while the supervisor replaces itself.
 */
final readonly class HandoffState
{
    /**
     * @param  int  $server  the process id of the server
     * @param  string  $address  where the server listens, host:port
     * @param  string  $socket  the Unix socket on which the server waits for its successor; `peer` in JSON, as earlier versions write it
     * @param  float  $drainSeconds  how long the server drains
     * @param  array<array-key, mixed>  $record  the last published state of supervisor and server
     */
    public function __construct(
        public int $server,
        public string $address,
        public string $socket,
        public float $drainSeconds,
        public array $record = [],
    ) {}

    /**
     * @param  string  $folder  for temporary files, in which the socket gets a folder that only this user may read
     *
     * @throws RuntimeException if no folder can be created
     */
    public static function newSocket(string $folder): string
    {
        $own = $folder.'/revurb-'.bin2hex(random_bytes(8));

        if (! @mkdir($own, 0700)) {
            throw new RuntimeException("Nothing can be written in {$folder}: set TMPDIR to a directory that is there.");
        }

        return "{$own}/peer.sock";
    }

    public static function fromJson(string $json): ?self
    {
        $content = json_decode($json, true);

        return is_array($content) && is_int($content['server'] ?? null) && is_string($content['address'] ?? null) && is_string($content['peer'] ?? null) && is_numeric($content['drainSeconds'] ?? null)
            ? new self($content['server'], $content['address'], $content['peer'], (float) $content['drainSeconds'], is_array($content['record'] ?? null) ? $content['record'] : [])
            : null;
    }

    /** @throws JsonException */
    public function toJson(): string
    {
        return json_encode([
            'server' => $this->server,
            'address' => $this->address,
            'peer' => $this->socket,
            'drainSeconds' => $this->drainSeconds,
            'record' => $this->record,
        ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }
}
