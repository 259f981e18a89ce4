<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * One line of the server's output. Its stderr is passed on in pieces, as it arrives.
 */
final readonly class Line
{
    /** @param  bool  $isTooLong  the line exceeded the limit of `LineBuffer`, and its text is left out */
    public function __construct(
        public string $text,
        public bool $isError = false,
        public bool $isTooLong = false,
    ) {}
}
