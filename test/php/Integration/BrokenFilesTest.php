<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * The files of the server as an installation or a deployment leaves them for a while: the script and Bun of the application are copies
 * of their own here.
 */
final class BrokenFilesTest extends RealAppTestCase
{
    private string $script;

    private string $bun;

    protected function setUp(): void
    {
        parent::setUp();

        $root = dirname(__DIR__, 3);
        $this->script = "{$this->app->base}/revurb.js";
        $this->bun = "{$this->app->base}/bun";
        copy("{$root}/dist/revurb.js", $this->script);
        symlink((string) realpath("{$root}/node_modules/.bin/bun"), $this->bun);
        $this->app->replaceEnvironment('REVURB_BUN', $this->bun);
        $this->app->write('booted.php', '<?php app()->bind(Revurb\Server\ServerScript::class, fn () => new Revurb\Server\ServerScript('.var_export($this->script, true).', getenv()));');
    }

    /** @return iterable<string, array{string, string}> what becomes of the script, and what is written of it */
    public static function faults(): iterable
    {
        yield 'missing' => ['missing', 'is missing'];
        yield 'empty' => ['empty', 'is empty'];
        yield 'half-written' => ['half', 'does not run (exit code 1 of Bun) and is incomplete'];
        yield 'without its end' => ['started', 'does not run (exit code 0 of Bun) and is incomplete'];
    }

    private function breakScript(string $how): void
    {
        $whole = (string) file_get_contents($this->script);

        match ($how) {
            'missing' => unlink($this->script),
            'empty' => $this->app->write('revurb.js', ''),
            'half' => $this->app->write('revurb.js', substr($whole, 0, (int) (strlen($whole) * 0.4))),
            default => $this->app->write('revurb.js', "const started = 1\n"),
        };
    }

    private function textOf(Process $process): string
    {
        return (string) preg_replace('/\s+/', ' ', $process->getOutput().$process->getErrorOutput());
    }

    #[DataProvider('faults')]
    public function test_start_names_what_is_wrong_with_the_bundled_server_and_exits(string $how, string $fault): void
    {
        $this->breakScript($how);

        foreach ([[], ['--check']] as $options) {
            $start = $this->app->artisan('reverb:start', ...$options);
            $this->assertSame(1, $start->wait());
            $output = $this->textOf($start);
            $this->assertSame(1, substr_count($output, 'ERROR'), $output);
            $this->assertStringContainsString("The script of the server ({$this->script}) {$fault}: run `composer reinstall revurb/revurb`", $output);
            $this->assertStringNotContainsString('listen', $output);
        }
    }

    #[DataProvider('faults')]
    public function test_a_server_that_crashes_while_the_script_is_broken_is_restarted_once_it_is_complete(string $how, string $fault): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $whole = (string) file_get_contents($this->script);

        $this->breakScript($how);
        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, "The script of the server ({$this->script}) {$fault}");
        $this->assertStringContainsString('it is started again in 1 second', $this->textOf($start));
        $this->app->write('revurb.js', $whole);

        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertTrue($this->app->isUp());
        $this->assertStringNotContainsString('could not listen', $this->textOf($start));
        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
    }

    public function test_a_server_that_crashes_while_bun_is_reinstalled_is_restarted_with_bun(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $target = readlink($this->bun);
        $this->assertIsString($target);

        unlink($this->bun);
        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, "The server cannot be started, because {$this->bun}, which REVURB_BUN names, is not there: name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`");
        touch($this->bun);
        $this->app->waitFor($start, "{$this->bun}, which REVURB_BUN names, is not executable: run `chmod +x {$this->bun}`, name another Bun");
        unlink($this->bun);
        symlink($target, $this->bun);

        $this->app->waitFor($start, $this->banner(), times: 2);
        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
    }

    public function test_a_stop_while_the_files_are_broken_ends_with_0(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());

        $this->breakScript('missing');
        posix_kill($this->app->serverOf($start), SIGKILL);
        $this->app->waitFor($start, 'is missing');
        $start->signal(SIGTERM);

        $this->assertSame(0, $start->wait(), $this->textOf($start));
    }

    #[DataProvider('faults')]
    public function test_a_restart_with_a_broken_script_leaves_the_server_running(string $how, string $fault): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);
        $whole = (string) file_get_contents($this->script);

        $this->breakScript($how);
        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $this->app->waitFor($start, 'and the running one continues');
        $this->assertStringContainsString("The script of the server ({$this->script}) {$fault}", $this->textOf($start));
        $this->assertSame($server, $this->app->serverOf($start));
        $this->app->write('revurb.js', $whole);

        // The flag is the time in seconds.
        $raisedAt = time();
        $this->eventually(fn (): bool => time() > $raisedAt, 'The time stands still.');
        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $this->app->waitFor($start, $this->banner(), times: 2);
    }
}
