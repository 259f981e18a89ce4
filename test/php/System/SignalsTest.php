<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\Attributes\RequiresPhpExtension;
use PHPUnit\Framework\TestCase;
use Revurb\System\BoundedAttempts;
use Revurb\Tests\Support\FakeClock;
use RuntimeException;

#[RequiresPhpExtension('pcntl')]
#[RequiresPhpExtension('posix')]
final class SignalsTest extends TestCase
{
    private int $delivered = 0;

    protected function setUp(): void
    {
        pcntl_async_signals(true);
        pcntl_signal(SIGTERM, function (): void {
            $this->delivered++;
        });
    }

    protected function tearDown(): void
    {
        pcntl_signal(SIGTERM, SIG_DFL);
        pcntl_async_signals(false);
    }

    public function test_a_signal_that_arrives_while_a_cache_fails_is_delivered_after_it(): void
    {
        $during = null;

        try {
            (new BoundedAttempts(new FakeClock))->run(function () use (&$during): never {
                posix_kill(posix_getpid(), SIGTERM);
                $during = $this->delivered;

                throw new RuntimeException('read error on connection');
            });
        } catch (RuntimeException) {
        }

        $this->assertSame([0, 1], [$during, $this->delivered]);
        pcntl_sigprocmask(SIG_BLOCK, [], $blocked);
        $this->assertNotContains(SIGTERM, $blocked);
    }

    public function test_signals_that_were_blocked_before_stay_blocked(): void
    {
        pcntl_sigprocmask(SIG_BLOCK, [SIGTERM], $before);
        $this->assertSame('done', (new BoundedAttempts(new FakeClock))->run(fn (): string => 'done'));
        pcntl_sigprocmask(SIG_SETMASK, $before, $blocked);

        $this->assertContains(SIGTERM, $blocked);
    }
}
