<?php

declare(strict_types=1);

namespace Revurb\Bun\Storage;

/**
 * Whether SIGINT, SIGTERM or SIGHUP has arrived, so that a download can remove its file before it ends. Without the extension pcntl a signal
 * ends the process at once, and the next installation removes the file.
 */
final class Interruption
{
    private ?int $signal = null;

    /** @var array<int, callable|int> */
    private array $handlers = [];

    private bool $wasAsync = false;

    public function watch(): void
    {
        if (! function_exists('pcntl_signal') || ! function_exists('pcntl_signal_get_handler') || ! function_exists('pcntl_async_signals')) {
            return;
        }

        $this->wasAsync = pcntl_async_signals(true);

        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            $this->handlers[$signal] = pcntl_signal_get_handler($signal);
            pcntl_signal($signal, function (int $signal): void {
                $this->signal = $signal;
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

    /** @throws FailedInstallation */
    public function check(): void
    {
        if ($this->signal !== null) {
            throw FailedInstallation::interrupted();
        }
    }
}
