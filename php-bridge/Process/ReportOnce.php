<?php

declare(strict_types=1);

namespace Revurb\Process;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Something that is asked every few seconds and fails for a while: reported once, and not each time.
 */
final class ReportOnce
{
    private bool $isOn = false;

    public function __construct(private readonly ExceptionHandler $exceptions) {}

    public function isOn(): bool
    {
        return $this->isOn;
    }

    public function end(): void
    {
        $this->isOn = false;
    }

    public function report(Throwable $exception): void
    {
        if ($this->isOn) {
            return;
        }

        $this->isOn = true;

        try {
            $this->exceptions->report($exception);
        } catch (Throwable) {
            // The log may be out of order too.
        }
    }
}
