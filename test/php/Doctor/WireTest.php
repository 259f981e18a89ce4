<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\FirstFrame;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\StreamNetwork;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Tests\Support\Port;

final class WireTest extends TestCase
{
    public function test_an_answer_is_read_as_it_comes(): void
    {
        $this->assertNull(Reply::parse(''));
        $this->assertNull(Reply::parse("HTTP/1.1 200 OK\r\nServer: nginx\r\n"));
        $this->assertNull(Reply::parse("-ERR unknown command\r\n\r\n"));

        $reply = Reply::parse("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 4\r\n\r\n{\"a\"", 5.0);

        $this->assertSame(200, $reply?->status);
        $this->assertSame('nginx', $reply->header('server'));
        $this->assertSame('', $reply->header('date'));
        $this->assertSame(5.0, $reply->time);
        $this->assertSame([], $reply->json());
    }

    #[TestWith(["Content-Length: 2\r\n\r\nab", true])]
    #[TestWith(["Content-Length: 2\r\n\r\na", false])]
    #[TestWith(["Content-Length: 0\r\n\r\n", true])]
    #[TestWith(["Connection: close\r\n\r\nab", false])]
    #[TestWith(["Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", false])]
    #[TestWith(["Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true])]
    public function test_when_an_answer_is_whole(string $rest, bool $isWhole): void
    {
        $this->assertSame($isWhole, Reply::parse("HTTP/1.1 200 OK\r\n{$rest}")?->isWhole());
    }

    public function test_chunks_are_put_together(): void
    {
        $chunks = Reply::parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"a\":1\r\n1;x=y\r\n}\r\n0\r\n\r\n");
        $plain = Reply::parse("HTTP/1.1 200 OK\r\n\r\n1\r\n");

        $this->assertSame(['a' => 1], $chunks?->unchunked()->json());
        $this->assertSame("1\r\n", $plain?->unchunked()->body);
    }

    public function test_a_websocket_is_whole_with_its_first_frame(): void
    {
        $this->assertFalse((new Reply(101))->isWhole());
        $this->assertTrue(FakeNetwork::greeting('a', 'b')->isWhole());
    }

    public function test_greetings(): void
    {
        $welcome = '{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\"}"}';
        $long = $welcome.str_repeat(' ', 200);
        $huge = $welcome.str_repeat(' ', 70_000);

        $this->assertTrue(FirstFrame::in("\x81".chr(strlen($welcome)).$welcome)?->isEstablished);
        $this->assertTrue(FirstFrame::in("\x81\x7e".pack('n', strlen($long)).$long.'next')?->isEstablished);
        $this->assertTrue(FirstFrame::in("\x81\x7f".pack('J', strlen($huge)).$huge)?->isEstablished);
        $this->assertEquals(new FirstFrame(false, 4001, 'No'), FirstFrame::in(FakeNetwork::error(4001, 'No')->body));
        $this->assertEquals(new FirstFrame(false, 4100, 'Full'), FirstFrame::in("\x88\x06".pack('n', 4100).'Full'));
        $this->assertEquals(new FirstFrame(false, 0, 'hello'), FirstFrame::in("\x81\x05hello"));
    }

    #[TestWith([''])]
    #[TestWith(["\x81"])]
    #[TestWith(["\x81\x05hell"])]
    #[TestWith(["\x81\x7e\x00"])]
    #[TestWith(["\x81\x7e\x01\x00half"])]
    public function test_half_a_greeting_is_none_yet(string $bytes): void
    {
        $this->assertNull(FirstFrame::in($bytes));
    }

    public function test_nobody_listens(): void
    {
        $this->assertTrouble(ConnectionError::Refused, new Address(false, '127.0.0.1', Port::free()));
    }

    public function test_a_name_that_nobody_knows(): void
    {
        $this->assertTrouble(ConnectionError::UnknownHost, new Address(false, 'unknown.invalid', 80));
    }

    #[TestWith([false])]
    #[TestWith([true])]
    public function test_somebody_who_never_answers(bool $isSecure): void
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->assertNotFalse($socket);
        $name = (string) stream_socket_get_name($socket, false);

        $this->assertTrouble(ConnectionError::Silent, new Address($isSecure, '127.0.0.1', (int) substr($name, (int) strrpos($name, ':') + 1)));

        fclose($socket);
    }

    private function assertTrouble(ConnectionError $error, Address $address): void
    {
        $answer = (new StreamNetwork(seconds: 0.2))->get($address, '/');

        $this->assertInstanceOf(Unreachable::class, $answer);
        $this->assertSame($error, $answer->error);
    }
}
