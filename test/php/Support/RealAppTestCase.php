<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use PHPUnit\Framework\TestCase;
use Symfony\Component\Process\Process;

/**
 * An application on disk, and the real server.
 */
abstract class RealAppTestCase extends TestCase
{
    protected RealApp $app;

    protected function setUp(): void
    {
        $root = dirname(__DIR__, 3);

        if (! is_file("{$root}/dist/revurb.js") || ! is_file("{$root}/node_modules/.bin/bun")) {
            $this->markTestSkipped('The server is not built: `make build`.');
        }

        require_once __DIR__.'/../Support/client.php';
        $this->app = new RealApp;
    }

    protected function tearDown(): void
    {
        if (isset($this->app)) {
            $this->app->remove();
        }
    }

    protected function banner(): string
    {
        return "Starting server on 127.0.0.1:{$this->app->port}";
    }

    protected function eventually(callable $isSo, string $message): void
    {
        $until = hrtime(true) + RealApp::TIMEOUT_SECONDS * 1e9;

        while (! ($is = $isSo()) && hrtime(true) < $until) {
            usleep(20_000);
        }

        $this->assertTrue($is, $message);
    }

    /**
     * Whether a process sleeps in at least 45 of 50 looks at it, and is woken no more than ten times a second. Other programs of the machine
     * change neither: a process that could run counts as running while it waits for a processor, and is not woken more often.
     */
    protected function isIdle(int $pid): bool
    {
        $begin = hrtime(true);
        $wakeups = $this->wakeups($pid);
        $sleeping = 0;

        for ($looks = 0; $looks < 50; $looks++) {
            usleep(20_000);
            $sleeping += preg_match('/^State:\s+S/m', (string) file_get_contents("/proc/{$pid}/status"));
        }

        return $sleeping >= 45 && $this->wakeups($pid) - $wakeups <= 10 * (hrtime(true) - $begin) / 1e9;
    }

    /** How often a process has given up its processor to wait for something. */
    private function wakeups(int $pid): int
    {
        preg_match('/^voluntary_ctxt_switches:\s+(\d+)/m', (string) file_get_contents("/proc/{$pid}/status"), $count);

        return (int) ($count[1] ?? 0);
    }

    /** User and system time of a process so far. */
    protected function processorSeconds(int $pid): float
    {
        $fields = explode(' ', (string) file_get_contents("/proc/{$pid}/stat"));

        return ((int) $fields[13] + (int) $fields[14]) / 100;
    }

    /** @return list<int> */
    protected function childrenOf(Process $process): array
    {
        $pid = $process->getPid();

        return array_map(intval(...), preg_split('/ /', (string) @file_get_contents("/proc/{$pid}/task/{$pid}/children"), flags: PREG_SPLIT_NO_EMPTY) ?: []);
    }

    protected function isAlive(int $pid): bool
    {
        $stat = @file_get_contents("/proc/{$pid}/stat");

        return $stat !== false && ! str_contains($stat, ') Z ');
    }
}
