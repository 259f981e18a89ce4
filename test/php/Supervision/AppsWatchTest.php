<?php

declare(strict_types=1);

namespace Revurb\Tests\Supervision;

use PHPUnit\Framework\TestCase;
use Revurb\Supervision\AppsWatch;
use Revurb\Tests\Support\FakeReports;
use RuntimeException;

final class AppsWatchTest extends TestCase
{
    /** @var list<array<string, mixed>> */
    private array $apps = [['app_id' => 1, 'allowed_origins' => ['*'], 'secret' => 'ä/b']];

    private bool $isDown = false;

    private FakeReports $reports;

    private function watch(): AppsWatch
    {
        $this->reports = new FakeReports;
        $watch = new AppsWatch(fn (): array => $this->isDown ? throw new RuntimeException('The database is down.') : $this->apps, $this->reports);
        $watch->serverStarted((string) json_encode(['version' => 1, 'apps' => $this->apps]));

        return $watch;
    }

    public function test_unchanged_apps_make_no_command(): void
    {
        $this->assertNull($this->watch()->nextCommand());
    }

    public function test_a_change_makes_one_command(): void
    {
        $watch = $this->watch();
        $this->apps[] = ['app_id' => 2];

        $this->assertSame('{"command":"apps","apps":[{"app_id":1,"allowed_origins":["*"],"secret":"ä/b"},{"app_id":2}]}', $watch->nextCommand());
        $this->assertNull($watch->nextCommand());
    }

    public function test_a_failing_source_and_its_recovery_make_one_command_each(): void
    {
        $watch = $this->watch();
        $this->isDown = true;

        $this->assertSame('{"command":"apps-unreachable"}', $watch->nextCommand());
        $this->assertNull($watch->nextCommand());
        $this->assertCount(1, $this->reports->reported);

        $this->isDown = false;
        $this->assertStringStartsWith('{"command":"apps","apps":[{"app_id":1', (string) $watch->nextCommand());
        $this->assertNull($watch->nextCommand());
    }

    public function test_a_new_server_has_the_apps_of_its_document(): void
    {
        $watch = $this->watch();
        $this->apps[] = ['app_id' => 2];
        $watch->nextCommand();
        $watch->serverStarted('{"apps":[]}');

        $this->assertNotNull($watch->nextCommand());
    }
}
