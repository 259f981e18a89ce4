<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * A Bun that runs and is new enough for the server.
 */
final readonly class FoundBun
{
    public const MINIMUM = '1.4.0';

    public function __construct(
        public string $file,
        public string $version,
        public BunPlace $place,
    ) {}

    public function isNamed(): bool
    {
        return $this->place === BunPlace::Named;
    }

    /** With the place where the path does not show it. */
    public function describe(): string
    {
        $place = in_array($this->place, [BunPlace::Named, BunPlace::Path], true) ? " ({$this->place->value})" : '';

        return "{$this->version}, {$this->file}{$place}";
    }
}
