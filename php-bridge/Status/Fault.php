<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * Something that is wrong with a server.
 */
final readonly class Fault
{
    /**
     * @param  string  $code  for programs; docs/guide.md lists them
     * @param  string  $sentence  what is wrong
     * @param  string  $cure  what to do about it
     */
    public function __construct(
        public string $code,
        public string $sentence,
        public string $cure,
    ) {}
}
