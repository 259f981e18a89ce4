<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunFinder;
use Revurb\Bun\VersionProbe;
use Revurb\Server\Launcher;
use Revurb\System\Platform;
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
    public function test_start_on_windows_fails_with_one_sentence_that_names_wsl(array $options): void
    {
        $this->application()->instance(Launcher::class, $launcher = new FakeLauncher([]));

        [$code, $output] = $this->artisanCall('reverb:start', $options);

        $this->assertSame(1, $code);
        $this->assertSame([], $launcher->launched);
        $this->assertStringContainsString('run `php artisan reverb:start` in WSL (https://learn.microsoft.com/windows/wsl/install).', $this->oneLine($output));
    }

    public function test_every_other_command_runs_on_windows(): void
    {
        $this->assertSame(0, $this->artisanCall('reverb:config')[0]);
        $this->assertSame(0, $this->artisanCall('reverb:install')[0]);
        $this->assertSame(0, $this->artisanCall('reverb:restart')[0]);
    }

    /** Laravel may be on Windows and the server in WSL: nothing of this is a fault. */
    public function test_the_doctor_on_windows_names_wsl_and_no_missing_extension(): void
    {
        $this->application()->instance(BunFinder::class, new BunFinder($this->make(VersionProbe::class), $this->base, platform: new Platform('Windows')));
        $findings = json_decode($this->artisanCall('reverb:doctor', ['--json' => true])[1], true)['checks'];
        $findings = array_column($findings, null, 'name');

        $this->assertSame(['hint', 'windows'], [$findings['php']['status'], $findings['php']['code']]);
        $this->assertStringContainsString('in WSL', $findings['php']['fix']);
        $this->assertSame(['hint', 'not-judged'], [$findings['bun']['status'], $findings['bun']['code']]);
    }

    private function oneLine(string $text): string
    {
        return trim((string) preg_replace('/\s+/', ' ', $text));
    }
}
