<?php

declare(strict_types=1);

namespace Revurb\Bun;

use RuntimeException;

final class BunNotFound extends RuntimeException
{
    /**
     * @param  bool  $isNamed  whether a Bun was configured by name
     * @param  BunFault|null  $fault  the fault of the preferred candidate; null if there was no candidate
     * @param  list<string>  $found  the candidates, with their faults
     */
    private function __construct(string $message, public readonly bool $isNamed, public readonly ?BunFault $fault, public readonly array $found)
    {
        parent::__construct($message);
    }

    public static function asNamed(string $named, BunFault $fault): self
    {
        return new self('Bun '.FoundBun::MINIMUM." or newer is needed, and REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names {$named}, which {$fault->text}: ".self::fixOfNamed($fault).'.', true, $fault, ["{$named} {$fault->text}"]);
    }

    /** @param  array<string, BunFault>  $faults  by the files that were found and could not be used, the preferred one first */
    public static function anywhere(array $faults): self
    {
        $found = array_map(static fn (string $file, BunFault $fault): string => "{$file} {$fault->text}", array_keys($faults), $faults);
        $first = array_values($faults)[0] ?? null;
        $fix = $first->fix ?? BunFault::INSTALL;

        return new self('Bun '.FoundBun::MINIMUM.' or newer was not found'.($found === [] ? '' : ' ('.implode('; ', $found).')').": run `{$fix}` in the folder of the application.", false, $first, $found);
    }

    /** What to do about a Bun that is named and cannot be used: no other one is searched for. */
    public static function fixOfNamed(BunFault $fault): string
    {
        $repair = str_starts_with($fault->fix, BunFault::INSTALL) ? '' : "run `{$fault->fix}`, ";

        return "{$repair}name another Bun, or remove REVURB_BUN and run `".BunFault::INSTALL.'`';
    }

    /** The command to run in the folder of the application. It helps once no Bun is named. */
    public function fix(): string
    {
        return $this->isNamed ? BunFault::INSTALL : $this->fault->fix ?? BunFault::INSTALL;
    }
}
