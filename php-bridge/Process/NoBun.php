<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

final class NoBun extends RuntimeException
{
    public static function asNamed(string $named, string $fault): self
    {
        return new self('Bun '.BunSearch::MINIMUM." or newer is needed, and REVURB_BUN names {$named}: {$fault}.");
    }

    /** @param  list<string>  $faults  what was found and could not be used */
    public static function anywhere(array $faults): self
    {
        $found = $faults === [] ? 'was not found' : 'was not found ('.implode('; ', $faults).')';

        return new self('Bun '.BunSearch::MINIMUM." or newer {$found}: install it with `npm install bun`.");
    }
}
