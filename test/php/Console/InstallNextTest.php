<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Console\Command;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Install\NodePackages;
use Revurb\Tests\Support\InstallTestCase;
use Symfony\Component\Process\ExecutableFinder;

/**
 * What `reverb:install` prints at its end: what it could not do, and the two commands by which an event arrives.
 */
final class InstallNextTest extends InstallTestCase
{
    private const EVENT = 'php artisan tinker --execute="Broadcast::on(\'demo\')->as(\'hello\')->with([\'text\' => \'It works\'])->sendNow()"';

    private const PUBLISH = "  Publish an event, in another terminal:\n\n    ".self::EVENT."\n\n  The console shows \"It works\". If it does not, run php artisan reverb:doctor.\n\n";

    protected function setUp(): void
    {
        parent::setUp();
        $this->channels();
    }

    private function package(string $text): void
    {
        file_put_contents("{$this->base}/package.json", $text);
    }

    /** Packages and assets are there. */
    private function built(string $package): void
    {
        $this->package($package);
        mkdir("{$this->base}/public/build", recursive: true);
        $this->install();
        touch("{$this->base}/public/build/manifest.json", time() + 10);
    }

    private function tinker(): void
    {
        $this->register(new class extends Command
        {
            protected $signature = 'tinker';
        });
    }

    private function manager(?string $installed): void
    {
        $finder = $this->createStub(ExecutableFinder::class);
        $finder->method('find')->willReturnCallback(static fn (string $name): ?string => $name === $installed ? "/usr/bin/{$name}" : null);
        $this->application()->instance(NodePackages::class, new NodePackages($this->base, new Filesystem, $finder));
    }

    public function test_it_ends_with_the_two_commands_the_listener_and_what_the_console_shows(): void
    {
        $this->tinker();
        $this->built('{"devDependencies": {"laravel-echo": "^2.0", "pusher-js": "^8.0"}}');

        $this->assertStringEndsWith(
            "  Next:\n\n    php artisan reverb:start\n\n"
            ."  Open a page of your application, and subscribe in the browser's console:\n\n    Echo.channel('demo').listen('.hello', event => console.log(event.text))\n\n"
            .self::PUBLISH,
            $this->install()[1],
        );
    }

    #[TestWith(['vue', '@laravel/echo-vue'])]
    #[TestWith(['react', '@laravel/echo-react'])]
    public function test_for_react_and_vue_the_listener_is_a_hook(string $framework, string $echo): void
    {
        $this->tinker();
        $this->built("{\"dependencies\": {\"{$framework}\": \"1\", \"laravel-echo\": \"^2.0\", \"pusher-js\": \"^8.0\", \"{$echo}\": \"^2.0\"}}");

        $this->assertStringEndsWith(
            "  Subscribe in a component, build it with npm run build, and open its page with the browser's console:\n\n"
            ."    import { useEchoPublic } from '{$echo}'\n    useEchoPublic('demo', '.hello', event => console.log(event.text))\n\n".self::PUBLISH,
            $this->install()[1],
        );
    }

    #[TestWith(['', 'ws://localhost:8080/app/'])]
    #[TestWith(["REVERB_HOST=chat.test\nREVERB_PORT=443\nREVERB_SCHEME=https\n", 'wss://chat.test:443/app/'])]
    public function test_without_a_front_end_the_listener_is_a_web_socket(string $env, string $address): void
    {
        file_put_contents("{$this->base}/.env", "{$env}REVERB_APP_KEY=the-key\n");
        $this->tinker();

        $output = $this->install()[1];

        $this->assertStringContainsString("  Subscribe in the console of a browser:\n\n    var socket = new WebSocket('{$address}the-key?protocol=7'); socket.onmessage", $output);
        $this->assertStringEndsWith(self::PUBLISH, $output);
    }

    /**
     * Their script is neither there nor demanded.
     *
     * @param  array<string, mixed>  $options
     */
    #[TestWith(['{}', []])]
    #[TestWith(['{}', ['--no-broadcasting' => true]])]
    #[TestWith(['{"dependencies": {"react": "^19.0"}}', []])]
    public function test_pages_without_echo_need_no_packages_and_the_listener_is_a_web_socket(string $package, array $options): void
    {
        $this->tinker();
        $this->package($package);
        mkdir("{$this->base}/resources/js", recursive: true);
        file_put_contents("{$this->base}/resources/js/app.js", '');

        [$code, $output] = $this->install($options);

        $this->assertSame(0, $code);
        $this->assertStringNotContainsString('To do first', $output);
        $this->assertStringContainsString("    var socket = new WebSocket('ws://localhost:8080/app/", $output);
    }

    public function test_packages_are_installed_without_the_script_if_that_is_demanded(): void
    {
        $this->package('{}');
        mkdir("{$this->base}/resources/js", recursive: true);
        $this->manager(null);

        [$code, $output] = $this->install(['--node' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString("  To do first, as npm was not found:\n\n    npm install --save-dev laravel-echo pusher-js\n", $output);
    }

    public function test_a_web_socket_is_opened_below_the_path_of_the_server(): void
    {
        $this->tinker();
        $this->configure(['reverb.servers.reverb.path' => '/ws']);

        $this->assertStringContainsString("'ws://localhost:8080/ws/app/", $this->install()[1]);
    }

    /** The doctor publishes an event, too. */
    public function test_without_tinker_the_second_command_is_the_doctor(): void
    {
        $this->assertStringEndsWith("  Next:\n\n    php artisan reverb:start\n\n  While it runs, in another terminal:\n\n    php artisan reverb:doctor\n\n", $this->install()[1]);
    }

    /**
     * @param  array<string, mixed>  $options
     */
    #[TestWith([[], 'npm', 0, 'Node packages are installed only with --node if there is no terminal'])]
    #[TestWith([['--no-node' => true], 'npm', 0, 'Node packages were not installed'])]
    #[TestWith([[], 'pnpm', 0, 'npm was not found'])]
    #[TestWith([['--node' => true], 'pnpm', 1, 'npm was not found'])]
    #[TestWith([['--no-node' => true], 'pnpm', 0, 'npm was not found'])]
    public function test_commands_that_were_not_run_come_first_with_the_reason(array $options, string $installed, int $expected, string $reason): void
    {
        $this->package('{"devDependencies": {"vite": "^7.0"}}');
        $this->manager($installed);

        [$code, $output] = $this->install($options);

        $this->assertSame($expected, $code);
        $this->assertStringContainsString("  To do first, as {$reason}:\n\n    npm install --save-dev laravel-echo pusher-js\n    npm run build\n\n  Next:\n\n    php artisan reverb:start\n", $output);
    }

    public function test_the_package_manager_is_the_one_of_the_application(): void
    {
        $this->package('{}');
        touch("{$this->base}/pnpm-lock.yaml");
        $this->manager('npm');

        $this->assertStringContainsString("  To do first, as pnpm was not found:\n\n    pnpm add --save-dev laravel-echo pusher-js\n    pnpm run build\n", $this->install()[1]);
    }

    public function test_what_remains_is_in_the_order_in_which_it_has_to_be_done(): void
    {
        $this->package('{}');
        $this->manager(null);
        $this->bun(null);
        $this->application()->instance('config_loaded_from_cache', true);

        $this->assertMatchesRegularExpression('/as the configuration is cached:\s+php artisan config:clear\s.*as Bun was not downloaded:\s.*as npm was not found:\s.*Next:/s', $this->install(['--no-bun' => true])[1]);
    }

    public function test_a_configuration_that_was_cached_after_the_changes_need_not_be_cleared(): void
    {
        $this->install();
        $this->application()->instance('config_loaded_from_cache', true);
        $cached = $this->application()->getCachedConfigPath();

        touch($cached, (int) filemtime("{$this->base}/.env") + 10);
        $this->assertStringNotContainsString('config:clear', $this->install()[1]);

        touch($cached, (int) filemtime("{$this->base}/.env") - 10);
        $this->assertStringContainsString('config:clear', $this->install()[1]);
    }

    public function test_an_application_without_package_json_needs_no_packages(): void
    {
        [$code, $output] = $this->install(['--node' => true]);

        $this->assertSame(0, $code);
        $this->assertStringNotContainsString('To do first', $output);
    }
}
