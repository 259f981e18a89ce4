<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Probes\Reply;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class ReplyTest extends TestCase
{
    public function test_a_response_is_parsed_while_it_arrives(): void
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
    public function test_a_response_is_complete_by_its_length_or_last_chunk(string $rest, bool $isWhole): void
    {
        $this->assertSame($isWhole, Reply::parse("HTTP/1.1 200 OK\r\n{$rest}")?->isWhole());
    }

    /** @param  array{string, bool, bool}  $expected  the code, whether the key is refused, and whether the secret is */
    #[TestWith(['', ['', false, false]])]
    #[TestWith(['request-path', ['request-path', false, false]])]
    #[TestWith(['request-signature', ['request-signature', false, true]])]
    #[TestWith(['request-signature; part=auth_key', ['request-signature', true, false]])]
    #[TestWith(['request-signature;new=1;part=auth_key', ['request-signature', true, false]])]
    #[TestWith(['request-signature; part=body_md5', ['request-signature', false, true]])]
    #[TestWith(['request-limit; part=auth_key', ['request-limit', false, false]])]
    public function test_the_refusal_of_the_server_is_read_from_its_header_alone(string $header, array $expected): void
    {
        $reply = new Reply(401, ['revurb-refusal' => $header], 'Some sentence.');

        $this->assertSame($expected, [$reply->refusal(), $reply->refusesKey(), $reply->refusesSecret()]);
    }

    public function test_chunks_of_a_body_are_joined(): void
    {
        $chunks = Reply::parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"a\":1\r\n1;x=y\r\n}\r\n0\r\n\r\n");
        $plain = Reply::parse("HTTP/1.1 200 OK\r\n\r\n1\r\n");

        $this->assertSame(['a' => 1], $chunks?->unchunked()->json());
        $this->assertSame("1\r\n", $plain?->unchunked()->body);
    }

    public function test_the_response_of_a_websocket_is_complete_with_its_first_frame(): void
    {
        $this->assertFalse((new Reply(101))->isWhole());
        $this->assertTrue(FakeNetwork::greeting('a', 'b')->isWhole());
    }
}
