<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use Revurb\Bun\BunStore;

/**
 * Removes old executables. The newest of the others stays, because a release that is rolled back needs it, and so does every file that a
 * server runs, because its supervisor starts it again after a crash.
 */
final readonly class Pruning
{
    public function __construct(
        private BunStore $store,
        private RunningExecutables $running,
    ) {}

    /** @return list<string> the removed files */
    public function run(): array
    {
        $running = $this->running->files();
        $others = array_values(array_filter($this->store->files(), fn (string $file): bool => $file !== $this->store->pinned()));

        return array_values(array_filter(
            array_slice($others, 1),
            static fn (string $file): bool => ! in_array((string) realpath($file), $running, true) && @unlink($file),
        ));
    }
}
