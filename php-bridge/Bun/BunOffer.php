<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The question whether to download Bun.
 */
final readonly class BunOffer
{
    /** Megabytes of the archives of Bun 1.4.5, rounded; other versions differ by few. */
    private const MEGABYTES = [
        'linux-x64' => 52,
        'linux-x64-musl' => 49,
        'linux-aarch64' => 53,
        'linux-aarch64-musl' => 49,
        'darwin-x64' => 44,
        'darwin-aarch64' => 41,
    ];

    public function __construct(
        private BunStore $store,
        private BunTarget $target,
    ) {}

    /** Null if there is no Bun for this machine. */
    public function question(): ?string
    {
        $megabytes = self::MEGABYTES[$this->target->name() ?? ''] ?? null;

        return $megabytes === null ? null : "Bun {$this->store->release->version} is needed. Download it (about {$megabytes} MB) to storage/revurb?";
    }
}
