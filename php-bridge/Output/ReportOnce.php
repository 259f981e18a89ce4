<?php

declare(strict_types=1);

namespace Revurb\Output;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Reports the first failure of an outage, such as that of a cache that is read every few seconds, and no further ones until it works again.
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
            // The log may fail as well; the outage then goes unreported.
        }
    }
}
