<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunTarget;
use Revurb\Tests\Support\FakeBun;
use Revurb\Tests\Support\RealApp;
use Symfony\Component\Process\InputStream;
use Symfony\Component\Process\Process;

/**
 * `reverb:start` without Bun, with a terminal and keys, and without one. The Bun in the archive is a shell script that plays the server.
 */
final class StartInTerminalTest extends TestCase
{
    private const SERVER = <<<'SH'
        #!/bin/sh
        [ "$1" = --version ] && echo 1.4.99 && exit
        read -r document
        echo '{"type":"ready","host":"127.0.0.1","port":8080,"secure":false,"pid":1,"version":"0.1.0","bun":"1.4.99"}'
        read -r stop; exit 0

        SH;

    private const QUESTION = 'Bun 1.4.99 is needed. Download it (about';

    private const MISSING = 'Bun 1.4.0 or newer was not found: run `php artisan reverb:bun --install` in the folder of the application.';

    private RealApp $app;

    private string $stored;

    private InputStream $keys;

    private ?Process $command = null;

    public static function setUpBeforeClass(): void
    {
        if (! Process::isPtySupported() || (new BunTarget)->name() === null) {
            self::markTestSkipped('This PHP opens no terminals, or there is no Bun for this machine.');
        }
    }

    protected function setUp(): void
    {
        $this->app = new RealApp;
        $this->stored = "{$this->app->base}/storage/revurb/".FakeBun::name();
        $this->keys = new InputStream;
        $this->app->write('archive.zip', FakeBun::zip(self::SERVER));
        $this->app->replaceEnvironment('REVURB_BUN', '');
        $this->app->environment("REVURB_BUN_MIRROR={$this->app->base}/archive.zip");
        $release = var_export([(string) (new BunTarget)->name() => [hash('sha512', self::SERVER) => strlen(self::SERVER)]], true);
        // Without a folder in PATH, in which this machine may have Bun.
        $this->app->write('booted.php', <<<PHP
            <?php
            app()->instance(Revurb\Bun\BunRelease::class, new Revurb\Bun\BunRelease('1.4.99', {$release}));
            app()->bind(Revurb\Bun\BunFinder::class, fn () => new Revurb\Bun\BunFinder(new Revurb\Bun\BunVersionProbe, base_path(), store: app(Revurb\Bun\BunStore::class)));
            app()->bind(Revurb\Server\ServerScript::class, fn () => new Revurb\Server\ServerScript(__FILE__, getenv()));
            PHP);
    }

    protected function tearDown(): void
    {
        $this->command?->stop(0);
        $this->app->remove();
    }

    /**
     * @param  list<string>  $options
     * @param  array<string, string>  $environment
     */
    private function start(array $options = [], array $environment = [], bool $hasTerminal = true): Process
    {
        $clean = ['PATH' => '/usr/local/bin:/usr/bin:/bin', 'HOME' => $this->app->base, ...$environment] + array_fill_keys(array_keys(getenv() + $_ENV), false);
        $this->command = new Process([PHP_BINARY, 'artisan', 'reverb:start', ...$options], $this->app->base, $clean, $this->keys, RealApp::TIMEOUT_SECONDS);
        $this->command->setPty($hasTerminal)->start();

        return $this->command;
    }

    private function at(Process $command, string $question, string $key, int $times = 1): void
    {
        $this->app->waitFor($command, $question, $times);
        $this->keys->write($key);
    }

    /** In one line, as it may be wrapped. */
    private function textOf(Process $command): string
    {
        return (string) preg_replace('/\s+/', ' ', $command->getOutput().$command->getErrorOutput());
    }

    public function test_after_a_yes_bun_is_stored_and_the_server_starts(): void
    {
        $command = $this->start();

        $this->at($command, self::QUESTION, "\r");
        $this->app->waitFor($command, 'Starting server on 127.0.0.1:8080');
        $this->assertStringContainsString('Bun 1.4.99 is stored', $command->getOutput());
        $this->assertSame(self::SERVER, file_get_contents($this->stored));
        $command->signal(SIGTERM);
        $this->assertSame(0, $command->wait(), $command->getOutput());

        $again = $this->start(hasTerminal: false);
        $this->app->waitFor($again, 'Starting server on 127.0.0.1:8080');
        $this->assertStringNotContainsString('is needed', $again->getOutput());
        $again->signal(SIGTERM);
        $this->assertSame(0, $again->wait());
    }

    public function test_after_a_no_the_error_names_the_command(): void
    {
        $command = $this->start();

        $this->at($command, self::QUESTION, 'n');
        $this->at($command, self::QUESTION, "\r", times: 2);

        $this->assertSame(1, $command->wait());
        $this->assertStringContainsString(self::MISSING, $this->textOf($command));
        $this->assertDirectoryDoesNotExist(dirname($this->stored));
    }

    public function test_after_a_failed_download_its_error_and_the_command_are_printed(): void
    {
        $this->app->replaceEnvironment('REVURB_BUN_MIRROR', '/no/such/archive.zip');
        $command = $this->start();

        $this->at($command, self::QUESTION, "\r");

        $this->assertSame(1, $command->wait());
        $this->assertMatchesRegularExpression('/archive\.zip \(REVURB_BUN_MIRROR\) is not there.*'.preg_quote(self::MISSING, '/').'/', $this->textOf($command));
        $this->assertFileDoesNotExist($this->stored);
    }

    public function test_ctrl_c_at_the_question_ends_the_command(): void
    {
        $command = $this->start();

        $this->at($command, self::QUESTION, "\x03");

        $this->assertSame(1, $command->wait());
        $this->assertStringNotContainsString('Starting server', $command->getOutput());
        $this->assertDirectoryDoesNotExist(dirname($this->stored));
    }

    #[TestWith([SIGINT])]
    #[TestWith([SIGTERM])]
    public function test_a_signal_at_the_question_ends_the_command(int $signal): void
    {
        $command = $this->start();
        $this->app->waitFor($command, self::QUESTION);

        $command->signal($signal);

        $this->assertGreaterThan(0, $command->wait());
        $this->assertStringNotContainsString('Starting server', $command->getOutput());
        $this->assertDirectoryDoesNotExist(dirname($this->stored));
    }

    /**
     * @param  list<string>  $options
     * @param  array<string, string>  $environment
     */
    #[TestWith([['--no-interaction']])]
    #[TestWith([['--check']])]
    #[TestWith([[], ['REVURB_HAND_OVER' => 'none']])]
    #[TestWith([[], [], false])]
    public function test_nothing_is_asked_without_a_terminal_or_by_a_restart_or_check(array $options, array $environment = [], bool $hasTerminal = true): void
    {
        $command = $this->start($options, $environment, $hasTerminal);

        $this->assertSame(1, $command->wait());
        $this->assertStringContainsString(self::MISSING, $this->textOf($command));
        $this->assertStringNotContainsString('is needed', $command->getOutput());
        $this->assertDirectoryDoesNotExist(dirname($this->stored));
    }

    public function test_nothing_is_asked_where_a_bun_is_named(): void
    {
        $this->app->replaceEnvironment('REVURB_BUN', '/no/such/bun');
        $command = $this->start();

        $this->assertSame(1, $command->wait());
        $this->assertStringContainsString('names /no/such/bun, which is not there: name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`.', $this->textOf($command));
        $this->assertStringNotContainsString('Download it', $command->getOutput());
    }
}
