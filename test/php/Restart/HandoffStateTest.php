<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Restart\HandoffState;
use Revurb\Restart\SystemSelfExec;

final class HandoffStateTest extends TestCase
{
    public function test_the_next_run_reads_what_this_one_wrote(): void
    {
        $handoff = new HandoffState(4711, '[::]:8080', '/tmp/a b/peer.sock', 2.5);

        $this->assertEquals($handoff, HandoffState::fromJson($handoff->toJson()));
    }

    /** At an update the running version writes this text and the next one reads it, so its names never change. */
    public function test_the_json_has_the_names_of_every_version(): void
    {
        $json = '{"server":4711,"address":"[::]:8080","peer":"/tmp/revurb-1/peer.sock","drainSeconds":2.5,"record":{"id":"one"}}';
        $handoff = new HandoffState(4711, '[::]:8080', '/tmp/revurb-1/peer.sock', 2.5, ['id' => 'one']);

        $this->assertEquals($handoff, HandoffState::fromJson($json));
        $this->assertSame($json, $handoff->toJson());
        $this->assertSame('REVURB_HAND_OVER', SystemSelfExec::VARIABLE);
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
