<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Bun\VersionProbe;
use Revurb\Server\Command;
use Revurb\Server\Launcher;
use Revurb\Server\Line;
use Revurb\Server\ServerScript;

/**
 * An application whose server process is scripted.
 */
abstract class CommandTestCase extends AppTestCase
{
    /** @param  array<string, mixed>  $ready */
    protected function launcher(array $ready = [], string|Line $raw = '<fg=nosuch>raw'): FakeLauncher
    {
        $child = new FakeChild(new FakeClock, [
            ['type' => 'ready', 'host' => '0.0.0.0', 'port' => 8080, 'secure' => false, ...$ready],
            ['type' => 'log', 'level' => 'info', 'message' => '<fg=nosuch>'],
            $raw,
            0,
        ]);
        $launcher = new FakeLauncher([$child]);
        $this->application()->instance(Launcher::class, $launcher);
        $this->application()->instance(ServerScript::class, new ServerScript(__FILE__, getenv()));
        $this->application()->instance(VersionProbe::class, new class implements VersionProbe
        {
            public function versionOf(string $file): string
            {
                return '1.4.5';
            }
        });
        $this->configure(['reverb.servers.reverb.revurb.bun' => __FILE__]);

        return $launcher;
    }

    protected function only(FakeLauncher $launcher): Command
    {
        $this->assertCount(1, $launcher->launched);

        return $launcher->launched[0];
    }

    /** @return list<array<array-key, mixed>> */
    protected function entries(string $output): array
    {
        return array_map(static fn (string $line): array => (array) json_decode($line, true, flags: JSON_THROW_ON_ERROR), explode("\n", trim($output)));
    }
}
