<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\TestCase;
use Revurb\Supervision\State;

final class StateTest extends TestCase
{
    public function test_each_state_is_followed_by_those_of_the_table_and_no_other(): void
    {
        $followers = [];

        foreach (State::cases() as $state) {
            $followers[$state->name] = implode(' ', array_column(array_filter(State::cases(), $state->mayBecome(...)), 'name'));
        }

        $this->assertSame([
            'Starting' => 'Serving Draining Stopped',
            'TakingOver' => 'Serving Draining',
            'Serving' => 'BackingOff Draining Stopped',
            'BackingOff' => 'Restarting Stopped',
            'Restarting' => 'Serving BackingOff Draining Stopped',
            'Draining' => 'Stopped',
            'Stopped' => '',
        ], $followers);
    }

    public function test_a_server_that_was_launched_is_awaited_until_it_listens_or_is_to_stop(): void
    {
        $awaiting = array_filter(State::cases(), static fn (State $state): bool => $state->awaitsReady());

        $this->assertSame([State::Starting, State::TakingOver, State::Restarting], array_values($awaiting));
    }
}
