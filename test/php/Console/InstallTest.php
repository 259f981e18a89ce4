<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Closure;
use Illuminate\Console\Command;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\InstallTestCase;
use Symfony\Component\Process\Process;

final class InstallTest extends InstallTestCase
{
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

    /** In a terminal it asks, as Reverb's installer does. */
    public function test_with_the_answer_no_the_connection_is_kept_and_the_command_for_later_is_printed(): void
    {
        [$code, $output] = $this->answer(['no', 'no']);

        $this->assertSame(0, $code);
        $this->assertStringContainsString('Would you like to enable the Reverb broadcasting driver?', $output);
        $this->assertStringContainsString('Would you like to enable event broadcasting?', $output);
        $this->assertStringContainsString('To do first, as BROADCAST_CONNECTION is log instead of reverb: php artisan reverb:install --connection Next:', $output);
        $this->assertStringContainsString('`php artisan reverb:install --broadcasting` writes it.', $output);
        $this->assertStringContainsString("BROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertFileDoesNotExist("{$this->base}/routes/channels.php");
    }

    public function test_enabling_broadcasting_keeps_the_connection_that_was_kept(): void
    {
        $this->assertSame(0, $this->answer(['no', 'yes'])[0]);

        $this->assertStringContainsString("BROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertSame(1, substr_count($this->envText(), 'BROADCAST_CONNECTION'));
        $this->assertFileExists("{$this->base}/routes/channels.php");
    }

    public function test_with_the_answer_yes_both_are_done(): void
    {
        $this->assertSame(0, $this->answer(['yes', 'yes'])[0]);

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

            $this->assertStringNotContainsString('Would you like', $this->answer(['yes', 'yes'])[1]);
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

    public function test_an_option_in_either_direction_takes_the_place_of_its_question(): void
    {
        $options = ['--bun' => true, '--no-connection' => true, '--no-broadcasting' => true, '--no-node' => true];
        [$code, $output] = $this->answer([], $options);

        $this->assertSame(0, $code, $output);
        $this->assertStringNotContainsString('Would you like', $output);
        $this->assertStringContainsString("BROADCAST_CONNECTION=log # for now\n", $this->envText());
        $this->assertFileDoesNotExist("{$this->base}/routes/channels.php");

        [$code, $output] = $this->answer([], ['--no-bun' => true, '--connection' => true, '--broadcasting' => true, '--node' => true]);

        $this->assertSame(0, $code, $output);
        $this->assertStringNotContainsString('Would you like', $output);
        $this->assertStringContainsString("BROADCAST_CONNECTION=reverb # for now\n", $this->envText());
        $this->assertFileExists("{$this->base}/routes/channels.php");
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([['--no-connection' => true], 'log', true])]
    #[TestWith([['--no-broadcasting' => true], 'reverb', false])]
    public function test_an_option_declines_one_step_alone(array $options, string $connection, bool $hasChannels): void
    {
        $this->assertSame(0, $this->install($options)[0]);

        $this->assertStringContainsString("BROADCAST_CONNECTION={$connection} # for now\n", $this->envText());
        $this->assertSame($hasChannels, is_file("{$this->base}/routes/channels.php"));
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([['--bun' => true], '--bun'])]
    #[TestWith([['--no-node' => true, '--connection' => true], '--connection, --no-node'])]
    public function test_options_beside_stubs_are_an_error_that_names_them(array $options, string $named): void
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'systemd', ...$options]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString("leave out {$named}, or run", (string) preg_replace('/\s+/', ' ', $output));
        $this->assertDirectoryDoesNotExist("{$this->base}/deploy");
        $this->assertFileDoesNotExist("{$this->base}/config/reverb.php");
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([['--stubs' => null]])]
    #[TestWith([['--stubs' => '']])]
    public function test_stubs_without_a_name_is_an_error_and_changes_nothing(array $options): void
    {
        $files = $this->files();

        [$code, $output] = $this->install($options);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('--stubs needs a name: --stubs=all, or one such as --stubs=nginx.', $output);
        $this->assertSame($files, $this->files());
    }

    public function test_force_without_stubs_is_an_error(): void
    {
        [$code, $output] = $this->install(['--force' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('--force overwrites the files of --stubs, which was not given.', (string) preg_replace('/\s+/', ' ', $output));
        $this->assertFileDoesNotExist("{$this->base}/config/reverb.php");
    }

    public function test_an_application_that_has_channels_and_no_echo_is_asked_for_its_script(): void
    {
        $this->channels();
        mkdir("{$this->base}/resources/js", recursive: true);
        file_put_contents("{$this->base}/resources/js/app.js", '');
        file_put_contents("{$this->base}/package.json", '{}');

        $this->install();
        $this->assertFileDoesNotExist("{$this->base}/resources/js/echo.js");

        $this->assertMatchesRegularExpression('~resources/js/app\.js \.+ import of \./echo added~', $this->install(['--broadcasting' => true])[1]);
        $this->assertFileExists("{$this->base}/resources/js/echo.js");
        $this->assertSame('<?php', file_get_contents("{$this->base}/routes/channels.php"));
        $this->assertSame(self::BOOTSTRAP, file_get_contents("{$this->base}/bootstrap/app.php"));
        $files = $this->files();

        $this->install(['--broadcasting' => true]);
        $this->assertSame($files, $this->files());
    }

    public function test_hooks_that_have_to_be_configured_by_hand_are_named(): void
    {
        $this->channels();
        mkdir("{$this->base}/resources/js", recursive: true);
        file_put_contents("{$this->base}/package.json", '{"dependencies": {"react": "^19.0"}}');

        [$code, $output] = $this->install(['--broadcasting' => true]);
        $this->assertSame(1, $code);
        $this->assertStringContainsString('Laravel Echo has to be added to your scripts by hand: see https', $output);

        [$code, $output] = $this->install();
        $this->assertSame(0, $code);
        $this->assertStringNotContainsString('by hand', $output);
    }

    public function test_a_failure_of_laravels_own_command_leaves_it_to_run(): void
    {
        unlink("{$this->base}/bootstrap/app.php");

        foreach ([[[], 0], [['--broadcasting' => true], 1]] as [$options, $expected]) {
            @unlink("{$this->base}/routes/channels.php");
            [$code, $output] = $this->install($options);

            $this->assertSame($expected, $code, $output);
            $this->assertStringContainsString("  To do first, as broadcasting could not be enabled:\n\n    php artisan install:broadcasting --reverb --without-reverb --without-node\n\n  Next:\n", $output);
        }
    }

    #[TestWith(['react', '@laravel/echo-react', 'app.tsx'])]
    #[TestWith(['vue', '@laravel/echo-vue', 'app.ts'])]
    public function test_the_scripts_of_a_starter_kit_are_configured_once(string $framework, string $echo, string $script): void
    {
        $file = "{$this->base}/resources/js/{$script}";
        mkdir(dirname($file), recursive: true);
        file_put_contents($file, "import { createInertiaApp } from '@inertiajs/{$framework}';\n\ncreateInertiaApp({});\n");
        file_put_contents("{$this->base}/package.json", "{\"dependencies\": {\"{$framework}\": \"1\"}}");

        [$code, $output] = $this->install();
        $files = $this->files();
        $this->install(['--broadcasting' => true]);

        $this->assertSame(0, $code, $output);
        $this->assertStringContainsString("import { configureEcho } from '{$echo}';", (string) file_get_contents($file));
        $this->assertFileDoesNotExist("{$this->base}/resources/js/echo.js");
        $this->assertMatchesRegularExpression("~--save-dev laravel-echo pusher-js {$echo}\\n~", $output);
        $this->assertSame($files, $this->files());
    }

    public function test_echo_is_imported_once_in_the_script_of_an_application(): void
    {
        mkdir("{$this->base}/resources/js", recursive: true);
        file_put_contents("{$this->base}/resources/js/app.js", "import './bootstrap';\n");
        file_put_contents("{$this->base}/package.json", '{"devDependencies": {"vite": "^7.0"}}');

        $this->install();
        $this->install(['--broadcasting' => true]);

        $this->assertSame(1, substr_count((string) file_get_contents("{$this->base}/resources/js/app.js"), "import './echo';"));
    }

    /** As the command of Laravel 11 leaves a bootstrap/app.php that is not written as in the skeleton. */
    #[TestWith(["->withRouting(commands: __DIR__.'/../routes/console.php')", true])]
    #[TestWith(["->withRouting(channels: __DIR__.'/../routes/channels.php')", false])]
    #[TestWith(["->withRouting()\n->withBroadcasting(__DIR__.'/../routes/channels.php')", false])]
    #[TestWith(['', false])]
    public function test_channels_that_the_application_does_not_load_are_named(string $routing, bool $isNamed): void
    {
        file_put_contents("{$this->base}/bootstrap/app.php", "<?php return Application::configure(){$routing}->create();");
        $this->register(new class("{$this->base}/routes/channels.php") extends Command
        {
            protected $signature = 'install:broadcasting {--reverb} {--without-reverb} {--without-node}';

            public function __construct(private readonly string $file)
            {
                parent::__construct();
            }

            public function handle(): void
            {
                file_put_contents($this->file, '<?php');
            }
        });

        $output = (string) preg_replace('/\s+/', ' ', $this->install()[1]);

        $this->assertSame($isNamed, str_contains($output, "bootstrap/app.php does not load routes/channels.php: add channels: __DIR__.'/../routes/channels.php' to withRouting."), $output);
    }
}
