<?php

declare(strict_types=1);

namespace Revurb\Bun;

use RuntimeException;

final class BunNotFound extends RuntimeException
{
    /**
     * @param  bool  $isNamed  whether a Bun was configured by name
     * @param  BunFault|null  $fault  the fault of the preferred candidate; null if there was no candidate
     */
    private function __construct(string $message, public readonly bool $isNamed, public readonly ?BunFault $fault)
    {
        parent::__construct($message);
    }

    public static function asNamed(string $named, BunFault $fault): self
    {
        $fix = $fault->code === BunFault::MISSING ? 'Name a file that is there, or remove the line: Revurb then searches for Bun' : "Run `{$fault->fix}`";

        return new self('Bun '.FoundBun::MINIMUM." or newer is needed, and REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names {$named}, which {$fault->text}. {$fix}.", true, $fault);
    }

    /** @param  array<string, BunFault>  $faults  by the files that were found and could not be used, the preferred one first */
    public static function anywhere(array $faults): self
    {
        $found = array_map(static fn (string $file, BunFault $fault): string => "{$file} {$fault->text}", array_keys($faults), $faults);
        $first = array_values($faults)[0] ?? null;
        $fix = $first->fix ?? BunFault::INSTALL;

        return new self('Bun '.FoundBun::MINIMUM.' or newer was not found'.($found === [] ? '' : ' ('.implode('; ', $found).')').": run `{$fix}` in the folder of the application.", false, $first);
    }

    /** The command to run in the folder of the application. */
    public function fix(): string
    {
        return $this->fault->fix ?? BunFault::INSTALL;
    }
}
