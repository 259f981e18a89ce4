<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * How many more files, pipes and connections this process can open. PHP's select is limited to descriptors up to 1,023 (FD_SETSIZE),
 * whatever `ulimit -n` allows, so a server whose pipes are above could not be waited for.
 */
final readonly class Descriptors
{
    private const SELECTABLE = 1024;

    /** Descriptors that starting a server, or checking a new release, opens for a moment: pipes, files of Laravel, connections. */
    private const NEEDED = 24;

    /** The number of free descriptors below which a warning is logged, early enough to find the reason. */
    private const FEW = 128;

    /** @param  int|null  $limit  null for the limit of this process */
    public function __construct(
        private string $folder = '/dev/fd',
        private ?int $limit = null,
    ) {}

    /** Why no server can be started, or null if one can. */
    public function fault(): ?string
    {
        return $this->left() < self::NEEDED ? "reverb:start has {$this->count()} of {$this->limit()} descriptors open, which leaves too few to start a server with: {$this->fix()}" : null;
    }

    /** The sentence to log when few descriptors are left, or null. */
    public function warning(): ?string
    {
        return $this->left() < self::FEW ? "reverb:start has {$this->count()} of {$this->limit()} descriptors open and can start no server any more when they are used up. `php artisan reverb:restart` closes them while some are left; {$this->fix()}" : null;
    }

    private function left(): int
    {
        return $this->limit() - $this->count();
    }

    /** The number of open descriptors; 0 on systems that do not show it. */
    private function count(): int
    {
        $entries = @scandir($this->folder);

        // Two entries (. and ..) are no descriptors, and one is the descriptor of the list itself.
        return $entries === false ? 0 : max(0, count($entries) - 3);
    }

    private function limit(): int
    {
        $limits = $this->limit === null && function_exists('posix_getrlimit') ? posix_getrlimit() : false;
        $soft = $limits === false ? $this->limit : $limits['soft openfiles'] ?? null;

        return is_int($soft) ? min(self::SELECTABLE, $soft) : self::SELECTABLE;
    }

    private function fix(): string
    {
        return 'a listener, a log channel or a package opens files or connections in reverb:start and does not close them (`ls -l /proc/'.getmypid().'/fd` shows which). Stop reverb:start and start it again.';
    }
}
