<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Process\HandOver;

final class HandOverTest extends TestCase
{
    public function test_the_next_run_reads_what_this_one_wrote(): void
    {
        $handOver = new HandOver(4711, '[::]:8080', '/tmp/a b/peer.sock', 2.5);

        $this->assertEquals($handOver, HandOver::fromJson($handOver->toJson()));
    }

    #[TestWith([''])]
    #[TestWith(['{'])]
    #[TestWith(['5'])]
    #[TestWith(['{"server":"4711","address":"a","peer":"p"}'])]
    #[TestWith(['{"server":4711,"peer":"p","drainSeconds":1}'])]
    #[TestWith(['{"server":4711,"address":"a","peer":"p"}'])]
    public function test_anything_else_is_none(string $json): void
    {
        $this->assertNull(HandOver::fromJson($json));
    }

    public function test_where_nothing_can_be_written_that_is_said(): void
    {
        $this->expectExceptionMessage('Nothing can be written in /no/such/folder: set TMPDIR');
        HandOver::newPeer('/no/such/folder');
    }

    public function test_the_socket_has_a_folder_that_nobody_else_may_read(): void
    {
        $peer = HandOver::newPeer(sys_get_temp_dir());

        $this->assertSame('peer.sock', basename($peer));
        $this->assertSame('0700', substr(sprintf('%o', (int) fileperms(dirname($peer))), -4));
        rmdir(dirname($peer));
    }
}
