<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The question whether to download Bun.
 */
final readonly class BunOffer
{
    public function __construct(private BunStore $store) {}

    /** Null if there is no Bun for this machine. The archives of Bun 1.4.5 have 41 to 53 MB. */
    public function question(): ?string
    {
        return $this->store->pinned() === null ? null : "Bun {$this->store->release->version} is needed. Download it (about 50 MB) to storage/revurb?";
    }
}
