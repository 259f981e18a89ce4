<?php

declare(strict_types=1);

namespace Revurb\Tests\Server;

use PHPUnit\Framework\TestCase;
use Revurb\Server\LineBuffer;

final class LineBufferTest extends TestCase
{
    public function test_pieces_are_joined_to_whole_lines(): void
    {
        $lines = new LineBuffer;

        $this->assertSame([], $lines->add('{"a"'));
        $this->assertSame(['{"a":1}', '', 'b'], $lines->add(":1}\n\nb\nc"));
        $this->assertSame(['c'], $lines->finish());
        $this->assertSame([], $lines->finish());
    }

    public function test_a_line_that_is_too_long_is_skipped_to_its_end_and_the_next_one_is_whole(): void
    {
        $lines = new LineBuffer;
        $longest = str_repeat('x', LineBuffer::MAX_BYTES - 1);

        $this->assertSame([$longest], $lines->add("{$longest}\n"));
        $this->assertSame([], $lines->add("{$longest}x"));
        $this->assertSame([], $lines->add('secret'));
        $this->assertSame([null, 'whole'], $lines->add("secret\nwhole\nb"));
        $this->assertSame(['b'], $lines->finish());
        $lines->add("{$longest}xsecret");
        $this->assertSame([null], $lines->finish());
        $this->assertSame([], $lines->finish());
    }

    public function test_a_line_of_50_megabytes_takes_neither_time_nor_memory(): void
    {
        $lines = new LineBuffer;
        $piece = str_repeat('x', 8192);
        $memory = memory_get_usage();
        $most = 0;
        $begin = hrtime(true);

        for ($i = 0; $i < 6400; $i++) {
            $lines->add($piece);
            $most = max($most, memory_get_usage() - $memory);
        }

        $this->assertSame([null], $lines->add("\n"));
        $this->assertLessThan(1_000_000, $most);
        // Quadratic reading takes a minute; this takes 3 ms.
        $this->assertLessThan(5e9, hrtime(true) - $begin);
    }
}
