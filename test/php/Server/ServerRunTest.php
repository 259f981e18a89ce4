<?php

declare(strict_types=1);

namespace Revurb\Tests\Server;

use PHPUnit\Framework\TestCase;
use Revurb\Server\EndedChild;
use Revurb\Server\ServerRun;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;

final class ServerRunTest extends TestCase
{
    public function test_a_server_that_was_healthy_for_a_minute_begins_a_new_row_of_crashes(): void
    {
        $server = new ServerRun(new EndedChild('no memory'), '', crashes: 3);
        $this->assertSame(3, $server->crashesBefore(1000.0, 60));
        $server->readyAt = 1000.0;
        $this->assertSame(3, $server->crashesBefore(1059.9, 60));
        $this->assertSame(0, $server->crashesBefore(1060.0, 60));
    }

    public function test_a_server_is_handed_over_once_and_keeps_its_socket(): void
    {
        $server = new ServerRun($child = new FakeChild(new FakeClock, []), '0.0.0.0:8080');
        $this->assertSame('/first', $server->handoffSocket(static fn (): string => '/first'));
        $this->assertSame([4711, 4711], [$server->handOver('/first'), $server->handOver('/first')]);
        $this->assertSame('/first', $server->handoffSocket(static fn (): string => '/second'));
        $this->assertSame(['handOver'], $child->asked);
    }

    public function test_a_server_that_was_handed_over_before_still_waits_on_its_socket(): void
    {
        $server = ServerRun::handedOver(new EndedChild(''), '0.0.0.0:8080', '/old', 4711, 1000.0);

        $this->assertSame(['/old', 4711, 1000.0], [$server->handoffSocket(static fn (): string => '/new'), $server->handOver('/old'), $server->readyAt]);
    }

    public function test_a_server_without_pipes_cannot_be_handed_over(): void
    {
        $server = new ServerRun(new EndedChild('no memory'), '');

        $this->assertNull($server->pipes());
        $this->assertNull($server->handOver('/p'));
    }
}
