<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Revurb\Tests\Support\RealAppTestCase;

/**
 * Apps of the application's own source come and go while the server runs.
 */
final class AppsReloadTest extends RealAppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();

        $this->app->write('booted.php', <<<'PHP'
            <?php
            app()->bind(Revurb\Apps\AppSource::class, fn () => new class implements Revurb\Apps\AppSource
            {
                public function all(): array
                {
                    $apps = json_decode((string) file_get_contents(base_path('apps.json')), true) ?? throw new RuntimeException('The source is down.');

                    return array_map(fn (string $key) => new Revurb\Apps\App($key, $key, 'secret'), $apps);
                }
            });
            PHP);
    }

    private function greeting(string $key): string
    {
        return read_frame(open_websocket($this->app->port, $key));
    }

    public function test_apps_are_added_and_removed_without_a_restart(): void
    {
        $this->app->write('apps.json', '["one","two"]');
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);
        $one = websocket($this->app->port, 'one');
        $two = websocket($this->app->port, 'two');
        $this->assertStringContainsString('4001', $this->greeting('three'));

        $this->app->write('apps.json', '["two","three"]');
        $this->eventually(fn (): bool => str_contains($this->greeting('three'), 'connection_established'), 'The new app never came.');

        $error = read_frame($one);
        $this->assertStringContainsString('pusher:error', $error);
        $this->assertStringContainsString('4001', $error);
        $this->assertSame(pack('n', 4001), substr(read_frame($one), 0, 2));
        send_text($two, '{"event":"pusher:ping"}');
        $this->assertStringContainsString('pusher:pong', read_frame($two));
        $this->assertSame($server, $this->app->serverOf($start));

        $this->app->write('apps.json', '');
        $this->eventually(fn (): bool => str_contains($this->greeting('four'), '4100'), 'An unknown app was still said not to exist.');
        $this->assertStringContainsString('connection_established', $this->greeting('two'));
        $this->assertSame(1, substr_count($this->app->log(), 'ERROR: The apps cannot be read, because Revurb\Apps\AppSource@anonymous failed: The source is down ('));

        $this->app->write('apps.json', '["two"]');
        $this->eventually(fn (): bool => str_contains($this->greeting('four'), '4001'), 'The source works again, and the server did not get its apps.');
    }
}
