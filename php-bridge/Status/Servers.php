<?php

declare(strict_types=1);

namespace Revurb\Status;

use Illuminate\Cache\FileStore;
use Illuminate\Contracts\Cache\Factory;
use Illuminate\Contracts\Cache\Store;
use RuntimeException;

/**
 * The records of all supervisors, in the cache store that `reverb:restart` uses: one entry for each, and an index. Every supervisor writes
 * only its own entry, and adds itself to the index again if it is missing there, because the cache was cleared or two supervisors have
 * written the index at the same moment.
 *
 * It reads the store beneath the repository: a read every few seconds would flood listeners of cache events.
 */
final readonly class Servers
{
    public const INDEX = 'revurb:servers';

    public const ENTRY = 'revurb:server:';

    /** Seconds for which the record of a server that publishes no more is kept. */
    public const SECONDS = 3600;

    private const INDEX_SECONDS = 86_400;

    /** Seconds after which a supervisor writes the index again. */
    private const LISTED_SECONDS = 300;

    public function __construct(private Factory $cache) {}

    /** @return list<ServerRecord> ordered by machine and address */
    public function all(): array
    {
        $records = array_values(array_filter(array_map($this->find(...), array_map(strval(...), array_keys($this->index())))));
        usort($records, static fn (ServerRecord $one, ServerRecord $other): int => [$one->host, $one->address] <=> [$other->host, $other->address]);

        return $records;
    }

    public function find(string $id): ?ServerRecord
    {
        $json = $this->store()->get(self::ENTRY.$id);

        return is_string($json) ? ServerRecord::from(json_decode($json, true)) : null;
    }

    /** @throws RuntimeException if the store keeps nothing; a store may throw other exceptions */
    public function put(ServerRecord $record): void
    {
        $this->write(self::ENTRY.$record->id, $record->toJson(), self::SECONDS);
        $index = $this->index();

        if (($index[$record->id] ?? 0) <= $record->seen - self::LISTED_SECONDS) {
            $recent = array_filter($index, static fn (int $seen): bool => $seen > $record->seen - self::SECONDS - self::LISTED_SECONDS);
            // The arrays are added and not spread, since PHP would renumber an id of digits.
            $this->write(self::INDEX, (string) json_encode([$record->id => $record->seen] + $recent), self::INDEX_SECONDS);
        }
    }

    /** @return array<string, int> when each was listed, by id */
    private function index(): array
    {
        $json = $this->store()->get(self::INDEX);
        $index = is_string($json) ? json_decode($json, true) : null;

        return array_filter(is_array($index) ? $index : [], is_int(...));
    }

    private function write(string $key, string $json, int $seconds): void
    {
        $store = $this->store();

        if ($store instanceof FileStore) {
            $this->requireStorage($store->getDirectory());
        }

        if (! $store->put($key, $json, $seconds)) {
            throw new RuntimeException('The store has kept nothing.');
        }
    }

    /**
     * The file store creates every missing directory, and so would create a release again that was deleted while its server runs. Its own
     * directories are `framework/cache/data` below the storage of the application.
     */
    private function requireStorage(string $directory): void
    {
        $storage = dirname($directory, 3);
        clearstatcache();

        if (! is_dir($storage)) {
            throw new RuntimeException("The directory {$storage} is gone.");
        }
    }

    private function store(): Store
    {
        return $this->cache->store()->getStore();
    }
}
