<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\TestCase;
use Revurb\Console\EnvFile;

final class EnvFileTest extends TestCase
{
    public function test_it_tells_names_apart(): void
    {
        $env = new EnvFile("VITE_REVERB_APP_KEY=x\n#REVERB_APP_ID=1\nexport REVERB_HOST = \"a.test\"\nREVERB_PORT=\r\n");

        $this->assertFalse($env->has('REVERB_APP_KEY'));
        $this->assertFalse($env->has('REVERB_APP_ID'));
        $this->assertSame('a.test', $env->value('REVERB_HOST'));
        $this->assertSame('', $env->value('REVERB_PORT'));
    }

    public function test_it_adds_below_and_changes_nothing_above(): void
    {
        $env = new EnvFile("A=1\n\n");
        $env->add(['B' => '2', 'C' => '"${B}"']);
        $this->assertSame("A=1\n\nB=2\nC=\"\${B}\"\n", $env->text());

        $windows = new EnvFile("A=1\r\n");
        $windows->add(['B' => '2']);
        $this->assertSame("A=1\r\n\r\nB=2\r\n", $windows->text());

        $empty = new EnvFile('');
        $empty->add([]);
        $this->assertSame('', $empty->text());
        $empty->add(['B' => '2']);
        $this->assertSame("B=2\n", $empty->text());
    }

    public function test_the_last_of_two_lines_counts(): void
    {
        $this->assertSame('second', (new EnvFile("A=first\nB=x\nA=second\n"))->value('A'));
    }
}
