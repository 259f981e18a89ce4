<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use Revurb\Supervision\Decision;
use Revurb\Supervision\Reason;
use Revurb\Supervision\RestartPolicy;
use Revurb\Supervision\State;

/**
 * What follows the exit of a server, as a table of state and exit code.
 */
final class RestartPolicyTest extends TestCase
{
    /** 0: ended by itself. 1: Bun could not run the script. 69: the port is taken. 70: crashed. 78: the configuration. 137: killed. */
    private const CODES = [0, 1, 69, 70, 78, 137];

    /** @return iterable<string, array{State, list<Decision>}> what follows each of these codes */
    public static function table(): iterable
    {
        $failed = Decision::giveUp(Reason::FailedStart);
        $again = Decision::restart(Reason::FailedStart, 2);
        $crash = Decision::restart(Reason::Crash, 2);
        $config = Decision::giveUp(Reason::InvalidConfiguration);
        $port = Decision::giveUp(Reason::CannotListen);
        $lost = Decision::giveUp(Reason::CannotListenAnyMore);
        $back = Decision::rollBack();
        $end = Decision::end();

        //                                                   0        1        69     70       78       137
        yield 'starting' => [State::Starting, [$failed, $failed, $port, $failed, $config, $failed]];
        yield 'taking over' => [State::TakingOver, [$back, $back, $back, $back, $back, $back]];
        yield 'serving' => [State::Serving, [$end, $crash, $lost, $crash, $config, $crash]];
        yield 'restarting' => [State::Restarting, [$again, $again, $port, $again, $config, $again]];
        yield 'draining' => [State::Draining, [$end, $end, $end, $end, $end, $end]];
    }

    /** @param  list<Decision>  $decisions */
    #[DataProvider('table')]
    public function test_what_follows_the_exit_of_a_server_depends_on_state_and_code(State $state, array $decisions): void
    {
        $this->assertEquals($decisions, array_map(static fn (int $code): Decision => RestartPolicy::decide($state, $code, crashes: 2), self::CODES));
    }

    public function test_the_table_has_every_state_in_which_there_is_a_server(): void
    {
        $states = array_map(static fn (array $row): State => $row[0], array_values(iterator_to_array(self::table())));

        $this->assertEqualsCanonicalizing(
            array_column([State::BackingOff, State::Stopped, ...$states], 'name'),
            array_column(State::cases(), 'name'),
        );
    }

    public function test_the_pause_doubles_with_each_crash_in_a_row_up_to_a_minute(): void
    {
        $seconds = array_map(static fn (int $crashes): int => RestartPolicy::decide(State::Serving, 70, $crashes)->seconds, [...range(0, 8), 5000]);

        $this->assertSame([0, 1, 2, 4, 8, 16, 32, 60, 60, 60], $seconds);
    }

    /** @return iterable<string, array{State, array<int, int>}> exit code of the server => of reverb:start */
    public static function exitCodes(): iterable
    {
        yield 'a server that could not start' => [State::Starting, [0 => 1, 1 => 1, 69 => 1, 70 => 70, 78 => 78, 127 => 127]];
        yield 'a server that has served' => [State::Serving, [0 => 0, 69 => 1, 78 => 78]];
        yield 'a server that could not start again' => [State::Restarting, [69 => 1, 78 => 78]];
        yield 'a stop' => [State::Draining, [0 => 0, 3 => 3, 129 => 0, 130 => 0, 131 => 0, 137 => 137, 143 => 0]];
        yield 'a stop between a crash and the next start' => [State::BackingOff, [0 => 0, 70 => 0, 137 => 0]];
    }

    /** @param  array<int, int>  $codes */
    #[DataProvider('exitCodes')]
    public function test_the_exit_code_is_that_of_the_server_or_what_a_process_manager_understands(State $state, array $codes): void
    {
        $this->assertSame($codes, array_combine(array_keys($codes), array_map(static fn (int $code): int => RestartPolicy::exitCode($state, $code), array_keys($codes))));
    }
}
