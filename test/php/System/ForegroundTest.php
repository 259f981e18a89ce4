<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\System\Foreground;

final class ForegroundTest extends TestCase
{
    private ?string $file = null;

    protected function tearDown(): void
    {
        if ($this->file !== null) {
            unlink($this->file);
        }
    }

    /** @param  string  $groups  the process group, the session, the terminal and the group in its foreground */
    #[TestWith(['4711 4700 34816 4711', true])]
    #[TestWith(['4711 4700 34816 4700', false])]
    #[TestWith(['4711 4700 0 -1', true])]
    public function test_a_process_in_the_background_of_its_terminal_can_ask_nothing(string $groups, bool $expected): void
    {
        file_put_contents($this->file = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6)), "4711 (php (8) S) S 4700 {$groups} 4194304 1\n");

        $this->assertSame($expected, (new Foreground($this->file, 4711))->isInForeground());
    }

    public function test_the_program_of_a_container_can_ask_nothing(): void
    {
        $this->assertFalse((new Foreground('/no/such/stat', 1))->isInForeground());
        $this->assertTrue((new Foreground('/no/such/stat', 2))->isInForeground());
    }

    public function test_a_pipe_or_a_file_answers_nothing(): void
    {
        $file = fopen(__FILE__, 'r');
        $this->assertIsResource($file);

        $this->assertFalse((new Foreground('/no/such/stat', 2))->canAnswer($file, $file));
    }
}
