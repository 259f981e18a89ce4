<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

final class BunNotFound extends RuntimeException
{
    /**
     * @param  bool  $isNamed  whether one was asked for by name
     * @param  BunFault|null  $fault  of the one that was preferred; null: there is none
     */
    private function __construct(string $message, public readonly bool $isNamed, public readonly ?BunFault $fault)
    {
        parent::__construct($message);
    }

    public static function asNamed(string $named, BunFault $fault): self
    {
        $cure = $fault->code === BunFault::MISSING ? 'Name a file that is there, or remove the line: Bun is looked for then' : "Run `{$fault->cure}`";

        return new self('Bun '.FoundBun::MINIMUM." or newer is needed, and REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names {$named}, which {$fault->text}. {$cure}.", true, $fault);
    }

    /** @param  array<string, BunFault>  $faults  by the files that were found and could not be used, the preferred one first */
    public static function anywhere(array $faults): self
    {
        $found = array_map(static fn (string $file, BunFault $fault): string => "{$file} {$fault->text}", array_keys($faults), $faults);
        $first = array_values($faults)[0] ?? null;
        $cure = $first->cure ?? BunFault::INSTALL;

        return new self('Bun '.FoundBun::MINIMUM.' or newer was not found'.($found === [] ? '' : ' ('.implode('; ', $found).')').": run `{$cure}` in the folder of the application.", false, $first);
    }

    /** A command for the folder of the application. */
    public function cure(): string
    {
        return $this->fault->cure ?? BunFault::INSTALL;
    }
}
