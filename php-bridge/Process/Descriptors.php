<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * How many more files, pipes and connections this process can have open. PHP's select knows no descriptor above 1,023 (FD_SETSIZE),
 * whatever `ulimit -n` allows, so that the pipes of a server beyond it could not be waited for.
 */
final readonly class Descriptors
{
    private const SELECTABLE = 1024;

    /** What a start of a server, or a check of a new release, has open for a moment: pipes, files of Laravel, connections. */
    private const NEEDED = 24;

    /** Where it is time to look for the reason. */
    private const FEW = 128;

    /** @param  int|null  $limit  null: that of this process */
    public function __construct(
        private string $folder = '/dev/fd',
        private ?int $limit = null,
    ) {}

    /** Why no server can be started; null: one can. */
    public function fault(): ?string
    {
        return $this->left() < self::NEEDED ? "reverb:start has {$this->count()} of {$this->limit()} descriptors open, which leaves too few to start a server with: {$this->cure()}" : null;
    }

    /** Null: there are enough. */
    public function warning(): ?string
    {
        return $this->left() < self::FEW ? "reverb:start has {$this->count()} of {$this->limit()} descriptors open and can start no server any more when they are used up. `php artisan reverb:restart` closes them while some are left; {$this->cure()}" : null;
    }

    private function left(): int
    {
        return $this->limit() - $this->count();
    }

    /** 0 where that is not known. */
    private function count(): int
    {
        $entries = @scandir($this->folder);

        // Two of the entries are no descriptors, and one is that of the list itself.
        return $entries === false ? 0 : max(0, count($entries) - 3);
    }

    private function limit(): int
    {
        $limits = $this->limit === null && function_exists('posix_getrlimit') ? posix_getrlimit() : false;
        $soft = $limits === false ? $this->limit : $limits['soft openfiles'] ?? null;

        return is_int($soft) ? min(self::SELECTABLE, $soft) : self::SELECTABLE;
    }

    private function cure(): string
    {
        return 'a listener, a log channel or a package opens files or connections in reverb:start and does not close them (`ls -l /proc/'.getmypid().'/fd` shows which). Stop reverb:start and start it again.';
    }
}
