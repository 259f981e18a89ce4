<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Process\HandoffState;

final class HandoffStateTest extends TestCase
{
    public function test_the_next_run_reads_what_this_one_wrote(): void
    {
        $handoff = new HandoffState(4711, '[::]:8080', '/tmp/a b/peer.sock', 2.5);

        $this->assertEquals($handoff, HandoffState::fromJson($handoff->toJson()));
    }

    #[TestWith([''])]
    #[TestWith(['{'])]
    #[TestWith(['5'])]
    #[TestWith(['{"server":"4711","address":"a","peer":"p"}'])]
    #[TestWith(['{"server":4711,"peer":"p","drainSeconds":1}'])]
    #[TestWith(['{"server":4711,"address":"a","peer":"p"}'])]
    public function test_invalid_json_is_no_handoff(string $json): void
    {
        $this->assertNull(HandoffState::fromJson($json));
    }

    public function test_an_unwritable_folder_for_the_socket_is_named(): void
    {
        $this->expectExceptionMessage('Nothing can be written in /no/such/folder: set TMPDIR');
        HandoffState::newSocket('/no/such/folder');
    }

    public function test_the_socket_has_a_folder_that_only_this_user_may_read(): void
    {
        $socket = HandoffState::newSocket(sys_get_temp_dir());

        $this->assertSame('peer.sock', basename($socket));
        $this->assertSame('0700', substr(sprintf('%o', (int) fileperms(dirname($socket))), -4));
        rmdir(dirname($socket));
    }
}
