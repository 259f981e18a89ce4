<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Support\Facades\Cache;
use Revurb\Tests\Support\CommandTestCase;

final class RestartServerTest extends CommandTestCase
{
    public function test_restart_raises_the_flag_of_reverb(): void
    {
        [$code, $output] = $this->artisanCall('reverb:restart');

        $this->assertSame(0, $code);
        $this->assertStringContainsString('Broadcasting Reverb restart signal.', $output);
        $this->assertEqualsWithDelta(time(), Cache::get('laravel:reverb:restart'), 2);
    }
}
