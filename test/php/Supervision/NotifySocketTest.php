<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Supervision\NotifySocket;

final class NotifySocketTest extends TestCase
{
    /** Systemd uses either. */
    #[TestWith([false])]
    #[TestWith([true])]
    public function test_readiness_and_stop_are_sent_to_the_socket(bool $isAbstract): void
    {
        $path = sys_get_temp_dir().'/revurb-notify-'.bin2hex(random_bytes(4));
        $socket = stream_socket_server('udg://'.($isAbstract ? "\0" : '').$path, $code, $message, STREAM_SERVER_BIND);
        $this->assertNotFalse($socket);

        $notify = new NotifySocket(($isAbstract ? '@' : '').$path);
        $notify->ready();
        $notify->stopping();

        $this->assertSame('READY=1', stream_socket_recvfrom($socket, 100));
        $this->assertSame('STOPPING=1', stream_socket_recvfrom($socket, 100));
        fclose($socket);
        @unlink($path);
    }

    #[TestWith([null])]
    #[TestWith(['/nowhere/at/all'])]
    public function test_without_a_listening_socket_nothing_happens(?string $address): void
    {
        (new NotifySocket($address))->ready();

        $this->expectNotToPerformAssertions();
    }
}
