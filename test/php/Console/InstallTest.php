<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Closure;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunFinder;
use Revurb\Bun\VersionProbe;
use Revurb\System\Platform;
use Revurb\Tests\Support\AppTestCase;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\BufferedOutput;
use Symfony\Component\Process\Process;

final class InstallTest extends AppTestCase
{
    private const BOOTSTRAP = <<<'PHP'
        <?php

        return Illuminate\Foundation\Application::configure(basePath: dirname(__DIR__))
            ->withRouting(
                commands: __DIR__.'/../routes/console.php',
            )
            ->create();
        PHP;

    protected function setUp(): void
    {
        parent::setUp();
        file_put_contents("{$this->base}/bootstrap/app.php", self::BOOTSTRAP);
        $this->bun('1.4.5');
    }

    protected function env(): string
    {
        return "APP_NAME=Test\nBROADCAST_CONNECTION=log # for now\nREVERB_APP_KEY=mine\nREVERB_APP_SECRET= # ask the operator\n";
    }

    /** @param  string|null  $version  null: there is none */
    private function bun(?string $version, ?string $named = null): void
    {
        $probe = new class($version) implements VersionProbe
        {
            public function __construct(private readonly ?string $version) {}

            public function versionOf(string $file): ?string
            {
                return $this->version;
            }
        };
        $file = "{$this->base}/node_modules/.bin/bun";

        if ($version !== null) {
            (new Filesystem)->ensureDirectoryExists(dirname($file));
            file_put_contents($file, '');
        } else {
            @unlink($file);
        }

        $this->application()->instance(BunFinder::class, new BunFinder($probe, $this->base, $named));
    }

    /**
     * Without a terminal, as in a script.
     *
     * @param  array<string, mixed>  $options
     * @return array{int, string}
     */
    private function install(array $options = []): array
    {
        return $this->artisanCall('reverb:install', ['--no-interaction' => true, ...$options]);
    }

    private function envText(): string
    {
        return (string) file_get_contents("{$this->base}/.env");
    }

    private function channels(): void
    {
        file_put_contents("{$this->base}/routes/channels.php", '<?php');
    }

    /** @return array<string, string> every file of the application, but for its logs and caches */
    private function files(): array
    {
        $files = [];

        foreach ((new Filesystem)->allFiles($this->base, hidden: true) as $file) {
            $files[$file->getRelativePathname()] = $file->getContents();
        }

        return array_filter($files, static fn (string $name): bool => ! str_starts_with($name, 'storage/'), ARRAY_FILTER_USE_KEY);
    }

    public function test_it_adds_and_fills_what_is_missing_and_reports_it(): void
    {
        [$code, $output] = $this->install();
        $env = $this->envText();

        $this->assertSame(0, $code);
        $this->assertMatchesRegularExpression('/^APP_NAME=Test\nBROADCAST_CONNECTION=reverb # for now\nREVERB_APP_KEY=mine\nREVERB_APP_SECRET=[a-z0-9]{20} # ask the operator\n\nREVERB_APP_ID=\d{6}\n/', $env);
        $this->assertStringContainsString('VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"', $env);
        $this->assertSame(1, substr_count($env, "\nREVERB_APP_KEY="));
        $this->assertSame(1, substr_count($env, 'BROADCAST_CONNECTION'));
        $this->assertFileEquals(__DIR__.'/../../../php-bridge/config/reverb.php', "{$this->base}/config/reverb.php");

        $this->assertMatchesRegularExpression('/REVERB_APP_ID \.+ added/', $output);
        $this->assertMatchesRegularExpression('/REVERB_APP_KEY \.+ kept\s*\n/', $output);
        $this->assertMatchesRegularExpression('/REVERB_APP_SECRET \.+ filled/', $output);
        $this->assertMatchesRegularExpression('/BROADCAST_CONNECTION \.+ reverb; it was log/', $output);
        $this->assertStringContainsString('Reverb installed successfully.', $output);
    }

    public function test_laravels_own_command_writes_the_channels_the_route_and_echo(): void
    {
        [$code, $output] = $this->install();

        $this->assertSame(0, $code, $output);
        $this->assertFileExists("{$this->base}/routes/channels.php");
        $this->assertFileExists("{$this->base}/config/broadcasting.php");
        $this->assertFileExists("{$this->base}/resources/js/echo.js");
        $this->assertStringContainsString('channels: __DIR__', (string) file_get_contents("{$this->base}/bootstrap/app.php"));
    }

    public function test_a_second_run_changes_nothing(): void
    {
        $this->install();
        $files = $this->files();

        [$code, $output] = $this->install();

        $this->assertSame(0, $code);
        $this->assertSame($files, $this->files());
        $this->assertStringNotContainsString('added', $output);
        $this->assertStringNotContainsString('filled', $output);
        $this->assertStringNotContainsString('it was', $output);
    }

    public function test_existing_lines_and_files_are_left_unchanged(): void
    {
        file_put_contents("{$this->base}/config/reverb.php", '<?php return [];');
        $this->channels();

        $this->install();

        $this->assertSame('<?php return [];', file_get_contents("{$this->base}/config/reverb.php"));
        $this->assertSame('<?php', file_get_contents("{$this->base}/routes/channels.php"));
        $this->assertFileDoesNotExist("{$this->base}/resources/js/echo.js");
    }

    /** @return array{int, string} exit code and output, with the given answers to the questions */
    private function answer(string ...$answers): array
    {
        $stream = fopen('php://memory', 'r+');
        $this->assertIsResource($stream);
        fwrite($stream, implode("\n", $answers)."\n");
        rewind($stream);
        $input = new ArrayInput(['command' => 'reverb:install']);
        $input->setStream($stream);
        $output = new BufferedOutput;
        $code = $this->make(Kernel::class)->handle($input, $output);

        return [$code, (string) preg_replace('/\s+/', ' ', $output->fetch())];
    }

    /** In a terminal it asks, as Reverb's installer does. */
    public function test_with_the_answer_no_the_connection_is_kept_and_the_command_for_later_is_printed(): void
    {
        [$code, $output] = $this->answer('no', 'no');

        $this->assertSame(0, $code);
        $this->assertStringContainsString('Would you like to enable the Reverb broadcasting driver?', $output);
        $this->assertStringContainsString('Would you like to enable event broadcasting?', $output);
        $this->assertStringContainsString('BROADCAST_CONNECTION is log: Laravel publishes nothing to this server until it is reverb.', $output);
        $this->assertStringContainsString('`php artisan install:broadcasting --reverb --without-reverb --without-node --no-interaction` writes it.', $output);
        $this->assertStringContainsString("BROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertFileDoesNotExist("{$this->base}/routes/channels.php");
    }

    public function test_enabling_broadcasting_keeps_the_connection_that_was_kept(): void
    {
        $this->assertSame(0, $this->answer('no', 'yes')[0]);

        $this->assertStringContainsString("BROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertSame(1, substr_count($this->envText(), 'BROADCAST_CONNECTION'));
        $this->assertFileExists("{$this->base}/routes/channels.php");
    }

    public function test_with_the_answer_yes_both_are_done(): void
    {
        $this->assertSame(0, $this->answer('yes', 'yes')[0]);

        $this->assertStringContainsString("BROADCAST_CONNECTION=reverb # for now\n", $this->envText());
        $this->assertFileExists("{$this->base}/routes/channels.php");
    }

    /**
     * @param  string  $configured  what config/broadcasting.php reads; empty: Laravel's own file is used
     */
    #[TestWith(['BROADCAST_DRIVER', "BROADCAST_DRIVER=pusher\n", "BROADCAST_DRIVER=reverb\n"])]
    #[TestWith(['BROADCAST_DRIVER', '', "BROADCAST_DRIVER=reverb\n"])]
    #[TestWith(['', "BROADCAST_DRIVER=log\n", "BROADCAST_DRIVER=log\nBROADCAST_CONNECTION=reverb\n"])]
    #[TestWith(['BROADCAST_CONNECTION', "export BROADCAST_CONNECTION=\"log\"\n", "export BROADCAST_CONNECTION=reverb\n"])]
    #[TestWith(['', "BROADCAST_CONNECTION=\n", "BROADCAST_CONNECTION=reverb\n"])]
    #[TestWith(['', "BROADCAST_CONNECTION=null\r\n", "BROADCAST_CONNECTION=reverb\r\n"])]
    #[TestWith(['', "BROADCAST_CONNECTION=reverb\n# BROADCAST_CONNECTION=log\n", "BROADCAST_CONNECTION=reverb\n# BROADCAST_CONNECTION=log\n"])]
    #[TestWith(['', 'BROADCAST_CONNECTION=log', 'BROADCAST_CONNECTION=reverb'])]
    public function test_the_variable_of_the_connection_is_the_one_that_the_application_reads(string $configured, string $before, string $after): void
    {
        $this->channels();
        $reverb = "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\nREVERB_HOST=h\nREVERB_PORT=1\nREVERB_SCHEME=http\nVITE_REVERB_APP_KEY=k\nVITE_REVERB_HOST=h\nVITE_REVERB_PORT=1\nVITE_REVERB_SCHEME=http\n";
        file_put_contents("{$this->base}/.env", $reverb.$before);

        if ($configured !== '') {
            file_put_contents("{$this->base}/config/broadcasting.php", "<?php return ['default' => env('{$configured}'), 'connections' => []];");
        }

        $this->configure(['broadcasting.default' => 'null']);
        $this->install();

        $this->assertSame($reverb.$after, $this->envText());
    }

    /** A connection of another name publishes here as well. */
    public function test_a_connection_with_reverbs_driver_is_not_replaced(): void
    {
        $this->channels();
        $this->configure(['broadcasting.connections.log' => ['driver' => 'reverb']]);

        $this->assertMatchesRegularExpression('/BROADCAST_CONNECTION \.+ kept/', $this->install()[1]);
        $this->assertStringContainsString('BROADCAST_CONNECTION=log', $this->envText());
    }

    public function test_without_an_env_file_it_names_the_commands_that_create_one(): void
    {
        unlink("{$this->base}/.env");
        file_put_contents("{$this->base}/.env.example", 'APP_KEY=');

        [$code, $output] = $this->install();

        $this->assertSame(0, $code);
        $this->assertStringContainsString('There is no .env', $output);
        $this->assertStringContainsString("\n    cp .env.example .env\n    php artisan key:generate\n    php artisan reverb:install\n", $output);
        $this->assertStringNotContainsString('installed successfully', $output);
        $this->assertFileDoesNotExist("{$this->base}/.env");
        $this->assertSame('APP_KEY=', file_get_contents("{$this->base}/.env.example"));
    }

    /** Laravel's own command knows no other file than .env. */
    public function test_the_env_file_of_another_environment_is_completed_and_the_default_one_is_kept(): void
    {
        file_put_contents("{$this->base}/.env.staging", "APP_NAME=Staging\nBROADCAST_CONNECTION=log\n");
        $this->application()->loadEnvironmentFrom('.env.staging');

        $this->assertSame(0, $this->install()[0]);

        $this->assertStringStartsWith("APP_NAME=Staging\nBROADCAST_CONNECTION=reverb\n\nREVERB_APP_ID=", (string) file_get_contents("{$this->base}/.env.staging"));
        $this->assertSame($this->env(), $this->envText());
        $this->assertFileExists("{$this->base}/resources/js/echo.js");
    }

    public function test_an_unwritable_env_file_is_named_and_left_unchanged(): void
    {
        $this->asNobody(0444, function (): void {
            [$code, $output] = $this->install();

            $this->assertSame(1, $code);
            $this->assertStringContainsString('ERROR .env cannot be written by this user', (string) preg_replace('/\s+/', ' ', $output));
            $this->assertDoesNotMatchRegularExpression('/added|filled|kept|it was|installed successfully/', $output);
            $this->assertSame($this->env(), $this->envText());

            $this->assertStringNotContainsString('Would you like', $this->answer('yes', 'yes')[1]);
        });
    }

    public function test_the_connection_is_not_reported_where_only_its_line_cannot_be_written(): void
    {
        $this->channels();
        $this->install();
        file_put_contents("{$this->base}/.env", $env = str_replace('CONNECTION=reverb', 'CONNECTION=log', $this->envText()));

        $this->asNobody(0444, function () use ($env): void {
            [$code, $output] = $this->install();

            $this->assertSame(1, $code);
            $this->assertStringContainsString('cannot be written', $output);
            $this->assertStringNotContainsString('it was log', $output);
            $this->assertSame($env, $this->envText());
        });
    }

    public function test_an_env_file_that_cannot_be_read_is_named(): void
    {
        $this->asNobody(0000, function (): void {
            [$code, $output] = $this->install();

            $this->assertSame(1, $code);
            $this->assertStringContainsString('ERROR .env cannot be read by this user.', (string) preg_replace('/\s+/', ' ', $output));
        });
    }

    /** A read-only file that needs no change is no fault. */
    public function test_an_env_file_that_is_complete_need_not_be_writable(): void
    {
        $this->channels();
        $this->install();

        $this->asNobody(0444, fn () => $this->assertSame(0, $this->install()[0]));
    }

    /** @param  Closure(): mixed  $do  permissions mean nothing to root */
    private function asNobody(int $mode, Closure $do): void
    {
        $isRoot = posix_geteuid() === 0;
        chmod("{$this->base}/.env", $mode);
        (new Process(['chmod', '-R', 'a+rwX', "{$this->base}/config", "{$this->base}/storage", "{$this->base}/bootstrap", "{$this->base}/routes"]))->mustRun();
        chmod($this->base, 0755);

        if ($isRoot) {
            posix_seteuid(65534);
        }

        try {
            clearstatcache();
            $do();
        } finally {
            if ($isRoot) {
                posix_seteuid(0);
            }

            chmod("{$this->base}/.env", 0644);
        }
    }

    public function test_the_applications_own_broadcasting_file_gets_the_connection(): void
    {
        $this->channels();
        $file = "{$this->base}/config/broadcasting.php";
        file_put_contents($file, "<?php\n\nreturn [\n    'default' => env('BROADCAST_DRIVER', 'null'),\n    'connections' => [\n        'log' => ['driver' => 'log'],\n    ],\n];\n");
        $this->configure(['broadcasting.connections' => []]);

        $this->assertMatchesRegularExpression('/config\/broadcasting\.php \.+ connection reverb added/', $this->install()[1]);

        $written = require $file;
        $this->assertSame(['reverb', 'log'], array_keys($written['connections']));
        $this->assertSame('reverb', $written['connections']['reverb']['driver']);
        $this->assertArrayHasKey('path', $written['connections']['reverb']['options']);
    }

    public function test_a_connection_that_cannot_be_added_is_reported(): void
    {
        $this->channels();
        $this->configure(['broadcasting.connections' => []]);

        $this->assertStringContainsString('has no "reverb" connection', $this->install()[1]);
    }

    public function test_the_provider_of_an_older_skeleton_is_enabled(): void
    {
        $this->channels();
        file_put_contents("{$this->base}/config/app.php", "<?php return ['providers' => [\n    // App\\Providers\\BroadcastServiceProvider::class,\n]];");

        $this->assertStringContainsString('BroadcastServiceProvider enabled', $this->install()[1]);
        $this->assertStringContainsString("[\n    App\\Providers\\BroadcastServiceProvider::class,\n]", (string) file_get_contents("{$this->base}/config/app.php"));
    }

    public function test_it_ends_with_the_next_commands(): void
    {
        $this->channels();
        $this->assertStringContainsString("  Next:\n\n    php artisan reverb:start\n\n  While it runs, in another terminal:\n\n    php artisan reverb:doctor\n", $this->install()[1]);
    }

    public function test_the_next_commands_begin_with_what_is_missing(): void
    {
        $this->channels();
        $this->bun(null);
        file_put_contents("{$this->base}/package.json", '{"devDependencies": {"vite": "^7.0"}}');

        $this->assertStringContainsString("  Next:\n\n    npm install bun\n    npm install --save-dev laravel-echo pusher-js\n    npm run build\n    php artisan reverb:start\n", $this->install()[1]);
    }

    public function test_for_an_unusable_bun_the_next_command_is_its_fix(): void
    {
        $this->channels();
        $this->bun('1.3.0');

        $this->assertStringContainsString("  Next:\n\n    php artisan reverb:bun --install\n    php artisan reverb:start\n", $this->install()[1]);
    }

    /** Another Bun would not be used: reverb:start names the line. */
    public function test_a_configured_bun_that_is_missing_is_left_to_start_to_report(): void
    {
        $this->channels();
        $this->bun(null, '/no/such/bun');

        $this->assertStringContainsString("  Next:\n\n    php artisan reverb:start\n", $this->install()[1]);
    }

    public function test_a_cached_configuration_has_to_be_cleared_first(): void
    {
        $this->channels();
        $this->application()->instance('config_loaded_from_cache', true);

        $this->assertStringContainsString("  Next:\n\n    php artisan config:clear\n    php artisan reverb:start\n", $this->install()[1]);
    }

    public function test_on_windows_the_server_is_started_in_wsl(): void
    {
        $this->channels();
        $this->application()->instance(Platform::class, new Platform('Windows'));

        $this->assertStringContainsString("  Then in WSL, as the server does not run on Windows itself:\n\n    php artisan reverb:start\n", $this->install()[1]);
    }

    public function test_stubs_are_written_with_what_to_do_next_and_nothing_else_is(): void
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'supervisor,nginx']);

        $this->assertSame(0, $code);
        $this->assertStringContainsString("\ndirectory={$this->base}\n", (string) file_get_contents("{$this->base}/deploy/revurb/supervisor/revurb.conf"));
        $this->assertMatchesRegularExpression('~deploy/revurb/nginx/revurb-map\.conf \.+ written~', $output);
        $this->assertStringContainsString("\n    sudo cp {$this->base}/deploy/revurb/nginx/revurb.conf /etc/nginx/snippets/revurb.conf\n", $output);
        $this->assertStringContainsString("\n    sudo supervisorctl update\n", $output);
        $this->assertSame($this->env(), file_get_contents("{$this->base}/.env"));
        $this->assertFileDoesNotExist("{$this->base}/config/reverb.php");
        $this->assertDirectoryDoesNotExist("{$this->base}/deploy/revurb/systemd");
    }

    public function test_an_existing_stub_is_overwritten_only_with_force(): void
    {
        $file = "{$this->base}/deploy/revurb/systemd/revurb.service";
        $this->artisanCall('reverb:install', ['--stubs' => 'systemd']);
        $this->assertMatchesRegularExpression('/revurb\.service \.+ kept\s*\n/', $this->artisanCall('reverb:install', ['--stubs' => 'systemd'])[1]);

        file_put_contents($file, 'mine');
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'systemd']);

        $this->assertSame(0, $code);
        $this->assertSame('mine', file_get_contents($file));
        $this->assertMatchesRegularExpression('/revurb\.service \.+ kept; --force overwrites it/', $output);

        $this->artisanCall('reverb:install', ['--stubs' => 'systemd', '--force' => true]);
        $this->assertStringContainsString('Type=notify', (string) file_get_contents($file));
    }

    public function test_an_unknown_stub_is_a_failure_that_writes_nothing(): void
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'nginx,traefik']);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('There is no stub called traefik. There are apache,', $output);
        $this->assertDirectoryDoesNotExist("{$this->base}/deploy");
    }
}
