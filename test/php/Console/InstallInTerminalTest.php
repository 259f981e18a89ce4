<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Tests\Support\RealApp;
use Symfony\Component\Process\InputStream;
use Symfony\Component\Process\Process;

/**
 * `reverb:install` with a terminal and keys. Without one it does not offer to install Node packages. `reverb:bun` is a stand-in.
 */
final class InstallInTerminalTest extends TestCase
{
    private const CONNECTION = 'enable the Reverb broadcasting driver?';

    private const CHANNELS = 'enable event broadcasting?';

    private const PACKAGES = 'install and build the Node dependencies';

    private const BUN = 'is needed. Download it';

    /** No Bun until `reverb:bun --install` has written one, registered after the command of the package. */
    private const WITHOUT_BUN = <<<'PHP'
        <?php
        use Illuminate\Console\Application;
        use Revurb\Bun\{BunFinder, VersionProbe};

        $app = app();
        $app->bind(BunFinder::class, fn ($app) => new BunFinder($app->make(VersionProbe::class), $app->basePath()));
        $app->booted(fn () => Application::starting(fn ($artisan) => $artisan->resolve(DownloadedBun::class)));

        class DownloadedBun extends Illuminate\Console\Command
        {
            protected $signature = 'reverb:bun {--install}';

            public function handle(): void
            {
                mkdir($folder = $this->laravel->basePath('node_modules/.bin'), recursive: true);
                file_put_contents("{$folder}/bun", "#!/bin/sh\necho 1.4.5\n");
                chmod("{$folder}/bun", 0755);
                $this->line('Downloaded.');
            }
        }
        PHP;

    private RealApp $app;

    private InputStream $keys;

    private Process $command;

    public static function setUpBeforeClass(): void
    {
        if (! Process::isPtySupported()) {
            self::markTestSkipped('This PHP opens no terminals.');
        }
    }

    protected function setUp(): void
    {
        $this->app = new RealApp;
        $this->app->environment('BROADCAST_CONNECTION=log # for now', 'VITE_REVERB_APP_KEY=', 'VITE_REVERB_HOST="${REVERB_HOST}"', 'VITE_APP_NAME=chat');
        mkdir("{$this->app->base}/routes");
        mkdir("{$this->app->base}/bin");
        $this->app->write('package.json', '{"dependencies": {"laravel-echo": "^2.0", "pusher-js": "^8.0"}}');
        $this->app->write('bin/npm', "#!/bin/sh\necho \"npm $* \${VITE_REVERB_APP_KEY-unset} \${VITE_REVERB_HOST-unset} \${VITE_APP_NAME-unset} \${REVERB_APP_SECRET-unset} \${PROMPT-unset}\" >> npm.log\nmkdir -p node_modules public/build && touch public/build/manifest.json\n");
        chmod("{$this->app->base}/bin/npm", 0755);
    }

    private function start(string ...$options): void
    {
        $environment = ['APP_ENV' => 'local', 'PROMPT' => '${debian_chroot}', 'PATH' => "{$this->app->base}/bin:/usr/local/bin:/usr/bin:/bin"] + array_fill_keys(array_keys(getenv() + $_ENV), false);
        $this->command = new Process([PHP_BINARY, 'artisan', 'reverb:install', ...$options], $this->app->base, $environment, $this->keys = new InputStream);
        $this->command->setPty(true)->setTimeout(null)->start();
    }

    private function startWithoutBun(): void
    {
        file_put_contents("{$this->app->base}/.env", preg_replace('/^REVURB_BUN=.*\n/m', '', $this->envText()));
        $this->app->write('booted.php', self::WITHOUT_BUN);
        $this->start();
    }

    /** @return array<string, string> every file of the application, but for its logs */
    private function files(): array
    {
        $files = [];

        foreach ((new Filesystem)->allFiles($this->app->base, hidden: true) as $file) {
            $files[$file->getRelativePathname()] = $file->getContents();
        }

        return array_filter($files, static fn (string $name): bool => ! str_starts_with($name, 'storage/logs/'), ARRAY_FILTER_USE_KEY);
    }

    protected function tearDown(): void
    {
        $this->command->stop(0);
        $this->app->remove();
    }

    private function at(string $question, string $key, int $times = 1): void
    {
        $this->app->waitFor($this->command, $question, $times);
        $this->keys->write($key);
    }

    /** Presses Enter at each question, which takes the default answer, yes. */
    private function acceptAll(): void
    {
        foreach ([self::CONNECTION, self::CHANNELS, self::BUN, self::PACKAGES] as $question) {
            $this->at($question, "\r");
        }
    }

    private function envText(): string
    {
        return (string) file_get_contents("{$this->app->base}/.env");
    }

    public function test_ctrl_c_at_the_first_question_keeps_the_lines_that_were_printed(): void
    {
        $this->start();
        $this->at(self::CONNECTION, "\x03");

        $this->assertSame(1, $this->command->wait());
        $this->assertMatchesRegularExpression('/VITE_REVERB_APP_KEY \.+ filled.*VITE_REVERB_SCHEME \.+ added/s', $this->command->getOutput());
        $this->assertMatchesRegularExpression('/^BROADCAST_CONNECTION=log # for now\nVITE_REVERB_APP_KEY="\$.*^VITE_REVERB_SCHEME=/ms', $this->envText());
    }

    public function test_ctrl_c_at_the_second_question_keeps_the_connection_that_was_printed(): void
    {
        $this->start();
        $this->at(self::CONNECTION, "\r");
        $this->at(self::CHANNELS, "\x03");

        $this->assertSame(1, $this->command->wait());
        $this->assertMatchesRegularExpression('/BROADCAST_CONNECTION \.+ reverb; it was log/', $this->command->getOutput());
        $this->assertStringContainsString("\nBROADCAST_CONNECTION=reverb # for now\n", $this->envText());
    }

    /** Laravel's own command has changed the line by then. */
    public function test_ctrl_c_at_the_last_question_keeps_the_connection_that_was_kept(): void
    {
        $this->start();
        $this->at(self::CONNECTION, 'n');
        $this->at(self::CONNECTION, "\r", times: 2);
        $this->at(self::CHANNELS, "\r");
        $this->at(self::PACKAGES, "\x03");

        $this->assertSame(1, $this->command->wait());
        $this->assertStringContainsString("\nBROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertFileExists("{$this->app->base}/routes/channels.php");
    }

    public function test_packages_that_are_listed_are_installed_with_the_environment_of_this_terminal_and_are_no_next_step(): void
    {
        $this->start();
        $this->at(self::CONNECTION, "\r");
        $this->at(self::CHANNELS, "\r");
        $this->at(self::PACKAGES, "\r");

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertStringContainsString('npm install, npm run build', $this->command->getOutput());
        $this->assertMatchesRegularExpression('/npm install \.+ done\s+npm run build \.+ done\s+INFO /', $this->command->getOutput());
        // No line of .env: Vite reads them itself, and the scripts of packages may not see the secrets.
        $seen = 'unset unset unset unset ${debian_chroot}';
        $this->assertSame("npm install {$seen}\nnpm run build {$seen}\n", file_get_contents("{$this->app->base}/npm.log"));
        $this->assertStringNotContainsString('To do first', $this->command->getOutput());
        $this->assertMatchesRegularExpression('/Next:\s+php artisan reverb:start/', $this->command->getOutput());
    }

    public function test_bun_is_downloaded_before_the_packages_if_there_is_none(): void
    {
        $this->startWithoutBun();
        $this->acceptAll();

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertMatchesRegularExpression('/Downloaded\..*Bun \.+ 1\.4\.5, node_modules/s', $this->command->getOutput());
        $this->assertFileExists("{$this->app->base}/npm.log");
    }

    public function test_what_was_declined_remains_to_do(): void
    {
        $this->startWithoutBun();
        $this->at(self::CONNECTION, "\r");
        $this->at(self::CHANNELS, "\r");
        $this->at(self::BUN, 'n');
        $this->at(self::BUN, "\r", times: 2);
        $this->at(self::PACKAGES, 'n');
        $this->at(self::PACKAGES, "\r", times: 2);

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertMatchesRegularExpression(
            '/as Bun was not downloaded:\s+php artisan reverb:bun --install\s+To do first, as Node packages were not installed:\s+npm install\s+npm run build\s+Next:\s+php artisan reverb:start\s/',
            $this->command->getOutput(),
        );
    }

    public function test_a_second_run_asks_nothing_and_changes_no_byte(): void
    {
        $this->startWithoutBun();
        $this->acceptAll();
        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $files = $this->files();

        $this->start();

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertStringNotContainsString('?', $this->command->getOutput());
        $this->assertStringNotContainsString('To do first', $this->command->getOutput());
        $this->assertSame($files, $this->files());
    }

    public function test_options_answer_every_question(): void
    {
        $this->start('--no-bun', '--connection', '--broadcasting', '--node');

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertStringNotContainsString('?', $this->command->getOutput());
        $this->assertStringContainsString("\nBROADCAST_CONNECTION=reverb # for now\n", $this->envText());
        $this->assertFileExists("{$this->app->base}/routes/channels.php");
        $this->assertFileExists("{$this->app->base}/npm.log");
    }

    /** @param  list<string>  $remaining */
    #[TestWith(['[ "$1" = install ]', 'npm run build', ['npm run build']])]
    #[TestWith(['exit 1', 'npm install', ['npm install', 'npm run build']])]
    public function test_a_command_that_fails_remains_with_those_behind_it(string $script, string $failed, array $remaining): void
    {
        $this->app->write('bin/npm', "#!/bin/sh\n{$script}\n");
        chmod("{$this->app->base}/bin/npm", 0755);
        $this->start();

        $this->at(self::CONNECTION, "\r");
        $this->at(self::CHANNELS, "\r");
        $this->at(self::PACKAGES, "\r");

        $this->assertSame(0, $this->command->wait(), $this->command->getOutput());
        $this->assertMatchesRegularExpression("/To do first, as `{$failed}` failed:\\s+".implode('\s+', $remaining).'\s+Next:\s/', $this->command->getOutput());
    }
}
