<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Process\Launcher;
use Revurb\Process\Platform;
use Revurb\Tests\Support\AppTestCase;
use Revurb\Tests\Support\FakeLauncher;

/**
 * What an application does on a machine with Windows. PHP itself stays the one of this machine.
 */
final class WindowsTest extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->application()->instance(Platform::class, new Platform('Windows'));
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([[]])]
    #[TestWith([['--check' => true]])]
    public function test_the_server_is_refused_with_one_sentence_that_names_wsl(array $options): void
    {
        $this->application()->instance(Launcher::class, $launcher = new FakeLauncher([]));

        [$code, $output] = $this->artisanCall('reverb:start', $options);

        $this->assertSame(1, $code);
        $this->assertSame([], $launcher->launched);
        $this->assertStringContainsString('run `php artisan reverb:start` in WSL (https://learn.microsoft.com/windows/wsl/install).', $this->oneLine($output));
    }

    public function test_everything_else_runs(): void
    {
        $this->assertSame(0, $this->artisanCall('reverb:config')[0]);
        $this->assertSame(0, $this->artisanCall('reverb:install')[0]);
        $this->assertSame(0, $this->artisanCall('reverb:restart')[0]);
        $this->assertStringContainsString('config', $this->artisanCall('reverb:doctor')[1]);
    }

    private function oneLine(string $text): string
    {
        return trim((string) preg_replace('/\s+/', ' ', $text));
    }
}
