<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * Something that is wrong with a server.
 */
final readonly class Fault
{
    /**
     * @param  string  $code  for programs; docs/monitoring.md lists them
     * @param  string  $detail  what is wrong
     * @param  string  $fix  what to do about it
     * @param  bool  $isWarning  the server works all the same
     */
    public function __construct(
        public string $code,
        public string $detail,
        public string $fix,
        public bool $isWarning = false,
    ) {}
}
