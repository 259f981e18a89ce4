<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * The running server process, and what it was started with.
 */
final readonly class RunningServer
{
    use ReadsFields;

    /**
     * @param  int  $since  Unix time in seconds from which it listens
     * @param  string  $revurb  version of Revurb
     * @param  string  $bun  version of Bun
     * @param  string  $release  the real path of the application
     * @param  string|null  $configuration  fingerprint of its configuration without the apps; null where there is no APP_KEY
     * @param  string|null  $apps  fingerprint of the apps that it has
     * @param  int|null  $sockets  null if its output can no longer be read
     * @param  string|null  $redis  connected, slow, disconnected or unused; null as above
     */
    public function __construct(
        public int $pid,
        public int $since,
        public string $revurb,
        public string $bun,
        public string $release,
        public ?string $configuration,
        public ?string $apps,
        public ?int $sockets = null,
        public ?string $redis = null,
    ) {}

    /** @param  array<string, mixed>  $changes  by the names of the fields */
    public function with(array $changes): self
    {
        return new self(...[...get_object_vars($this), ...$changes]);
    }
}
