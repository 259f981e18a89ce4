<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use PHPUnit\Framework\Attributes\RequiresOperatingSystemFamily;
use PHPUnit\Framework\Attributes\RequiresPhpExtension;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Restart\SystemSelfExec;
use Revurb\System\Descriptors;
use Symfony\Component\Process\Process;

#[RequiresOperatingSystemFamily('Linux')]
#[RequiresPhpExtension('pcntl')]
#[RequiresPhpExtension('posix')]
final class SystemSelfExecTest extends TestCase
{
    /** Each left four open before; REEXECUTIONS=1100 in the environment goes beyond what PHP can wait for. */
    private const TIMES = 60;

    public function test_a_run_inherits_no_descriptor_of_the_previous_one(): void
    {
        $times = (int) (getenv('REEXECUTIONS') ?: self::TIMES);
        $process = new Process([PHP_BINARY, __DIR__.'/../Support/again.php', (string) $times], timeout: 600);
        $process->run();
        $runs = explode("\n", trim($process->getOutput()));

        $this->assertSame(0, $process->getExitCode(), $process->getErrorOutput());
        $this->assertCount($times + 1, $runs, end($runs));
        $this->assertCount(1, array_unique(array_slice($runs, 1)), implode("\n", array_unique($runs)));
        $this->assertStringEndsWith(' 1', $runs[$times]);
    }

    public function test_an_execution_that_fails_changes_nothing(): void
    {
        // No text of an environment may be longer than 128 KiB.
        $process = new Process([PHP_BINARY, __DIR__.'/../Support/again.php', '1', '200000'], timeout: 60);
        $process->run();

        $this->assertSame(0, $process->getExitCode(), $process->getErrorOutput());
        $this->assertStringContainsString('failed, 0 signals blocked, server alive', $process->getOutput());
    }

    public function test_too_few_descriptors_are_the_reason_why_it_cannot_be_executed(): void
    {
        $this->assertStringContainsString('descriptors open, which leaves too few', (string) (new SystemSelfExec(descriptors: new Descriptors(limit: 10)))->fault(fn (): bool => false));
    }

    #[TestWith(['0', null])]
    #[TestWith(['3', 'exit code 3'])]
    public function test_a_new_run_is_checked_by_running_it(string $code, ?string $fault): void
    {
        $this->assertSame($fault, $this->check('0', $code));
    }

    public function test_a_check_that_is_called_off_ends_at_once_and_has_found_nothing(): void
    {
        $this->assertNull($this->check('3600', '3', '3'));
    }

    private function check(string ...$arguments): mixed
    {
        $process = new Process([PHP_BINARY, __DIR__.'/../Support/check.php', ...array_values($arguments)], timeout: 30);
        $process->mustRun();

        return json_decode($process->getOutput(), flags: JSON_THROW_ON_ERROR);
    }

    /** So that a run which a restart has begun asks nothing: its terminal may be that of a user who left. */
    public function test_a_run_without_a_server_knows_that_it_was_begun_by_another(): void
    {
        $code = 'require "vendor/autoload.php"; getenv("REVURB_HAND_OVER") === false ? (new Revurb\Restart\SystemSelfExec)->run(null, fn (): bool => false) : print getenv("REVURB_HAND_OVER");';
        $process = new Process([PHP_BINARY, '-r', $code], dirname(__DIR__, 3));
        $process->run();

        $this->assertSame('none', $process->getOutput(), $process->getErrorOutput());
    }

    public function test_no_alarm_of_a_run_ends_the_next_one(): void
    {
        $process = new Process([PHP_BINARY, __DIR__.'/../Support/alarm.php']);
        $process->run();

        $this->assertSame('0', $process->getOutput(), $process->getErrorOutput());
    }
}
