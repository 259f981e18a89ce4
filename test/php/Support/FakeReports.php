<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Contracts\Debug\ExceptionHandler;
use RuntimeException;
use Throwable;

final class FakeReports implements ExceptionHandler
{
    /** @var list<string> */
    public array $reported = [];

    public bool $isBroken = false;

    public function report(Throwable $e): void
    {
        $this->reported[] = $e->getMessage();

        if ($this->isBroken) {
            throw new RuntimeException('The disk is full.');
        }
    }

    public function shouldReport(Throwable $e): bool
    {
        return true;
    }

    public function render($request, Throwable $e): never
    {
        throw $e;
    }

    public function renderForConsole($output, Throwable $e): void {}
}
