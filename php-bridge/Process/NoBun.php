<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

final class NoBun extends RuntimeException
{
    /** @param  bool  $isNamed  whether one was asked for by name */
    private function __construct(string $message, public readonly bool $isNamed)
    {
        parent::__construct($message);
    }

    public static function asNamed(string $named, string $fault): self
    {
        return new self('Bun '.BunSearch::MINIMUM." or newer is needed, and REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names {$named}: {$fault}.", true);
    }

    /** @param  list<string>  $faults  what was found and could not be used */
    public static function anywhere(array $faults): self
    {
        $found = $faults === [] ? 'was not found' : 'was not found ('.implode('; ', $faults).')';

        return new self('Bun '.BunSearch::MINIMUM." or newer {$found}: install it with `npm install bun`.", false);
    }
}
