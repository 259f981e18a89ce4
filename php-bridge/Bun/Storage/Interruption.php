<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

use Closure;

/**
 * Has this process end by SIGINT, SIGTERM or SIGHUP as it would without this class, but clean up before. A handler cannot end a transfer of
 * cURL, which goes on after an exception of its callbacks. Without the extensions pcntl and posix nothing is cleaned up, and the next
 * installation does it.
 */
final class Interruption
{
    private const FUNCTIONS = ['pcntl_signal', 'pcntl_signal_get_handler', 'pcntl_async_signals', 'posix_kill'];

    /** @var array<int, callable|int> */
    private array $handlers = [];

    private bool $wasAsync = false;

    /** @param  Closure(): void  $cleanUp */
    public function watch(Closure $cleanUp): void
    {
        if (array_filter(self::FUNCTIONS, static fn (string $function): bool => ! function_exists($function)) !== []) {
            return;
        }

        $this->wasAsync = pcntl_async_signals(true);

        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            $handler = pcntl_signal_get_handler($signal);

            // Under nohup a closed terminal ends nothing.
            if ($handler === SIG_IGN) {
                continue;
            }

            $this->handlers[$signal] = $handler;
            pcntl_signal($signal, static function (int $signal) use ($cleanUp): void {
                $cleanUp();
                pcntl_signal($signal, SIG_DFL);
                posix_kill((int) getmypid(), $signal);
            });
        }
    }

    public function release(): void
    {
        foreach ($this->handlers as $signal => $handler) {
            pcntl_signal($signal, $handler);
        }

        if ($this->handlers !== []) {
            pcntl_async_signals($this->wasAsync);
        }

        $this->handlers = [];
    }
}
