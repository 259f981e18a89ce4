<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\TestCase;
use Revurb\System\CleanProcess;
use Revurb\System\Platform;

final class CleanProcessTest extends TestCase
{
    private const VARIABLES = ['SystemRoot=C:\Windows', 'ComSpec=C:\Windows\system32\cmd.exe', 'TEMP=C:\Temp', 'REVERB_APP_SECRET=secret'];

    protected function setUp(): void
    {
        array_map(putenv(...), self::VARIABLES);
    }

    protected function tearDown(): void
    {
        foreach (self::VARIABLES as $variable) {
            putenv(explode('=', $variable)[0]);
        }
    }

    /** @return list<string> */
    private function environment(string $family): array
    {
        $process = CleanProcess::of(['/usr/bin/env'], '/', ['LANG' => 'C'], platform: new Platform($family));
        $process->mustRun();
        $lines = explode("\n", trim($process->getOutput()));
        sort($lines);

        return $lines;
    }

    public function test_a_process_has_only_the_environment_that_it_is_given(): void
    {
        $this->assertSame(['LANG=C'], $this->environment('Linux'));
    }

    public function test_on_windows_a_process_keeps_the_variables_that_programs_need(): void
    {
        $this->assertSame(['ComSpec=C:\Windows\system32\cmd.exe', 'LANG=C', 'SystemRoot=C:\Windows', 'TEMP=C:\Temp'], $this->environment('Windows'));
    }
}
