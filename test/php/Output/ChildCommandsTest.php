<?php

declare(strict_types=1);

namespace Revurb\Tests\Output;

use PHPUnit\Framework\TestCase;
use Revurb\Output\ChildCommands;
use Revurb\Tests\Support\FakeChild;
use Revurb\Tests\Support\FakeClock;

final class ChildCommandsTest extends TestCase
{
    public function test_commands_are_lines_of_json_whatever_the_text(): void
    {
        $child = new FakeChild(new FakeClock, []);
        $commands = new ChildCommands($child);

        $commands->send('1', '1.2', "two\nlines \xff");
        $commands->disconnect('1', '1.2');

        $this->assertSame([
            '{"command":"send","app":"1","socket":"1.2","message":"two\nlines \ufffd"}',
            '{"command":"disconnect","app":"1","socket":"1.2"}',
        ], $child->written);
    }
}
