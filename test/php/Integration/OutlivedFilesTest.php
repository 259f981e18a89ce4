<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * A supervisor whose files are deleted or replaced while it runs: by `composer remove`, by an update in place, by a deployment tool that
 * deletes old releases.
 */
final class OutlivedFilesTest extends RealAppTestCase
{
    private function delete(string ...$paths): void
    {
        foreach ($paths as $path) {
            $path = "{$this->app->base}/{$path}";
            is_dir($path) && ! is_link($path) ? (new Filesystem)->deleteDirectory($path) : unlink($path);
        }
    }

    private function started(): Process
    {
        $this->app->write('booted.php', '<?php app()->make("events")->listen(Revurb\Events\MessageReceived::class, fn () => throw new RuntimeException("of a listener"));');
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());

        return $start;
    }

    /** @return list<string> the lines of the log with that level */
    private function linesOf(Process $start, string $level): array
    {
        return array_values(array_filter(explode("\n", $start->getOutput()), static fn (string $line): bool => str_contains($line, " {$level} ")));
    }

    private function assertStopsCleanly(Process $start): void
    {
        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait(), $start->getOutput().$start->getErrorOutput());
        $this->assertStringNotContainsString('PHP', $start->getOutput().$start->getErrorOutput());
        $this->assertFalse($this->app->isUp());
    }

    /** @param  string  ...$deleted  below the application */
    #[TestWith(['packages/php-bridge', 'packages/dist'])]
    #[TestWith(['packages/vendor'])]
    #[TestWith(['packages', 'bootstrap', 'config', 'artisan', 'autoload.php'])]
    public function test_without_its_files_the_server_continues_and_listeners_are_called(string ...$deleted): void
    {
        $this->app->ownPackages();
        $start = $this->started();
        $this->delete(...$deleted);

        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"pusher:ping","data":{}}');
        $this->assertStringContainsString('pusher:pong', read_frame($socket));
        $this->eventually(fn (): bool => str_contains($this->app->log(), 'of a listener'), 'No listener was called, or its exception not logged.');

        $this->assertStopsCleanly($start);
        $this->assertSame([], $this->linesOf($start, 'ERROR'));
    }

    public function test_a_crash_without_the_package_is_logged_and_the_server_returns_with_the_package(): void
    {
        $packages = $this->app->ownPackages();
        $start = $this->started();
        rename($packages, "{$packages}-away");

        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, "The script of the server ({$packages}/dist/revurb.js) is missing: run `composer reinstall revurb/revurb`");
        $this->app->waitFor($start, 'it is started again in 2 seconds');
        rename("{$packages}-away", $packages);

        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertStopsCleanly($start);
    }

    public function test_a_restart_without_the_package_fails_with_one_line_and_the_next_one_works(): void
    {
        $packages = $this->app->ownPackages();
        $start = $this->started();
        $server = $this->app->serverOf($start);
        rename($packages, "{$packages}-away");

        $this->app->raiseRestartFlag();
        $this->app->waitFor($start, 'and the running one continues');
        $errors = $this->linesOf($start, 'ERROR');
        $this->assertCount(1, $errors);
        $this->assertStringContainsString("the package revurb/revurb is missing in {$packages}: run `composer install`", $errors[0]);
        $this->assertSame($server, $this->app->serverOf($start));
        rename("{$packages}-away", $packages);

        $this->app->raiseRestartFlag();
        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertStopsCleanly($start);
    }

    public function test_a_restart_without_the_dependencies_fails_with_one_line_that_names_the_file(): void
    {
        $this->app->ownPackages();
        $start = $this->started();
        $this->delete('packages/vendor');

        $this->app->raiseRestartFlag();
        $this->app->waitFor($start, 'and the running one continues');
        $errors = $this->linesOf($start, 'ERROR');
        $this->assertCount(1, $errors);
        $this->assertStringContainsString('packages/vendor/autoload.php', $errors[0]);
        $this->assertStringNotContainsString('Stack trace', $start->getOutput());
        $this->assertStopsCleanly($start);
    }

    public function test_after_a_crash_in_a_deleted_release_the_current_one_is_started(): void
    {
        $current = $this->app->release('one');
        $this->moveServerTo('one');
        $start = $this->app->artisanIn($current, 'reverb:start');
        $this->app->waitFor($start, $this->banner());
        $pid = $start->getPid();
        $this->assertSame($current, $this->app->release('two'));
        $this->moveServerTo('two');
        $this->app->replaceEnvironment('REVERB_APP_KEY', 'of-two', 'two');
        $this->delete('releases/one');

        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, 'reverb:start restarts with its current files');
        $this->app->waitFor($start, $this->banner(), times: 2);

        $this->assertSame($pid, $start->getPid());
        $this->assertStringContainsString('connection_established', read_frame(open_websocket($this->app->port, 'of-two')));
        $this->assertStopsCleanly($start);
    }

    public function test_a_restart_in_a_deleted_release_fails_with_one_line(): void
    {
        // A cache within the release would be gone with it.
        $this->app->write('config/cache.php', '<?php return ["stores" => ["file" => ["driver" => "file", "path" => '.var_export("{$this->app->base}/storage/framework/cache/data", true).']]];');
        $current = $this->app->release('one');
        $start = $this->app->artisanIn($current, 'reverb:start');
        $this->app->waitFor($start, $this->banner());
        $this->delete('releases/one');

        $this->app->raiseRestartFlag();
        $this->app->waitFor($start, 'and the running one continues');
        $this->assertStringContainsString("the directory of the application ({$current}) is gone: deploy it again", $this->linesOf($start, 'ERROR')[0]);
        $this->assertStopsCleanly($start);
    }

    /** The script of the server and Bun are a part of the release. */
    private function moveServerTo(string $release): void
    {
        $root = dirname(__DIR__, 3);
        $folder = "{$this->app->base}/releases/{$release}";
        copy("{$root}/dist/revurb.js", "{$folder}/revurb.js");
        symlink((string) realpath("{$root}/node_modules/.bin/bun"), "{$folder}/bun");
        $this->app->replaceEnvironment('REVURB_BUN', "{$folder}/bun", $release);
        file_put_contents("{$folder}/booted.php", '<?php app()->bind(Revurb\Server\ServerScript::class, fn () => new Revurb\Server\ServerScript(__DIR__."/revurb.js", getenv()));');
    }
}
