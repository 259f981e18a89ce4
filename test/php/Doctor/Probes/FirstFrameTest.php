<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Probes\FirstFrame;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class FirstFrameTest extends TestCase
{
    public function test_the_first_frame_is_a_connection_or_an_error(): void
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
    public function test_an_incomplete_first_frame_is_null(string $bytes): void
    {
        $this->assertNull(FirstFrame::in($bytes));
    }
}
