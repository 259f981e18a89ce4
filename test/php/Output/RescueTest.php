<?php

declare(strict_types=1);

namespace Revurb\Tests\Output;

use Closure;
use PHPUnit\Framework\TestCase;
use Revurb\Output\Rescue;
use Revurb\Tests\Support\FakeDisplay;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;

final class RescueTest extends TestCase
{
    public function test_an_exception_is_reported_and_shown_if_the_report_fails(): void
    {
        $reports = new FakeReports;
        $reports->isBroken = true;

        $rescue = new Rescue($reports);
        $rescue->showOn($display = new FakeDisplay);

        foreach (['oh', 'oh', 'no'] as $message) {
            $rescue->run(Closure::fromCallable(fn () => throw new RuntimeException($message)));
        }

        $this->assertSame(['oh', 'oh', 'no'], $reports->reported);
        $shown = 'error An exception could not be reported, because the exception handler of the application failed too; the server continues to run.';
        $this->assertSame([$shown, $shown], $display->lines);
    }
}
