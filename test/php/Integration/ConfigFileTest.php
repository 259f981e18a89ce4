<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Illuminate\Support\Arr;
use Laravel\Reverb\ReverbServiceProvider;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\RevurbServiceProvider;
use Revurb\Tests\Support\RealApp;

/**
 * Applications with the config/reverb.php of Laravel Reverb, or none, alone and beside laravel/reverb.
 */
final class ConfigFileTest extends TestCase
{
    private const OURS = __DIR__.'/../../../php-bridge/config/reverb.php';

    private const REVERBS = __DIR__.'/../StandIns/reverb.php';

    private RealApp $app;

    protected function setUp(): void
    {
        $this->app = new RealApp;
    }

    protected function tearDown(): void
    {
        $this->app->remove();
    }

    private function artisan(string ...$arguments): string
    {
        $process = $this->app->artisan(...$arguments);
        $process->wait();

        return $process->getOutput().$process->getErrorOutput();
    }

    /** @return array<array-key, mixed> */
    private function configuration(): array
    {
        $this->app->write('booted.php', '<?php file_put_contents(base_path("configuration.json"), json_encode(config("reverb")));');
        $this->artisan('list');

        return json_decode((string) file_get_contents("{$this->app->base}/configuration.json"), true);
    }

    /** @return iterable<string, array{list<string>, bool, bool}> */
    public static function applications(): iterable
    {
        $loads = [
            'alone' => [RevurbServiceProvider::class],
            'behind laravel/reverb' => [ReverbServiceProvider::class, RevurbServiceProvider::class],
            'in front of laravel/reverb' => [RevurbServiceProvider::class, ReverbServiceProvider::class],
        ];

        foreach ($loads as $name => $load) {
            foreach (['no file' => false, "Reverb's file" => true] as $file => $hasFile) {
                foreach (['' => false, ', cached' => true] as $cached => $isCached) {
                    yield "{$name}, {$file}{$cached}" => [$load, $hasFile, $isCached];
                }
            }
        }
    }

    /** @param  list<string>  $load */
    #[DataProvider('applications')]
    public function test_every_variable_of_this_package_has_an_effect(array $load, bool $hasFile, bool $isCached): void
    {
        preg_match_all("/env\('(REVURB_\w+)'/", (string) file_get_contents(self::OURS), $found);
        $variables = array_unique($found[1]);
        $this->assertContains('REVURB_PRESENCE_MEMBERS', $variables);
        $this->app->write('.env', implode("\n", array_map(static fn (string $name): string => "{$name}=value-of-{$name}", $variables)));
        $this->app->discover(...$load);

        if ($hasFile) {
            $this->app->write('config/reverb.php', (string) file_get_contents(self::REVERBS));
        }

        if ($isCached) {
            $this->artisan('config:cache');
            unlink("{$this->app->base}/.env");
        }

        $values = Arr::flatten($this->configuration());

        foreach ($variables as $name) {
            $this->assertContains("value-of-{$name}", $values);
        }
    }

    /** @param  list<string>  $load */
    #[TestWith([[RevurbServiceProvider::class]])]
    #[TestWith([[ReverbServiceProvider::class, RevurbServiceProvider::class]])]
    #[TestWith([[RevurbServiceProvider::class, ReverbServiceProvider::class]])]
    public function test_a_configuration_that_was_cached_before_the_installation_is_reported(array $load): void
    {
        $this->app->environment('REVERB_APP_MAX_CONNECTIONS=5');
        $this->app->write('config/reverb.php', (string) file_get_contents(self::REVERBS));
        $this->app->discover(ReverbServiceProvider::class);
        $this->artisan('config:cache');
        $this->app->discover(...$load);

        $document = json_decode($this->artisan('reverb:config', '--json'), true);
        $this->assertSame(['host' => '127.0.0.1', 'port' => (string) $this->app->port, 'path' => '', 'max_request_size' => 10_000], $document['server']);
        $this->assertEquals(5, $document['apps'][0]['max_connections']);
        $this->assertArrayNotHasKey('limits', $document['apps'][0]);

        $doctor = json_decode($this->artisan('reverb:doctor', '--json'), true);
        ['bun' => $bun, 'config' => $config] = array_column($doctor['checks'], null, 'name');
        $this->assertSame('php artisan config:cache', $bun['fix']);
        $this->assertSame(['warning', 'php artisan config:cache'], [$config['status'], $config['fix']]);
        $this->assertStringContainsString('older than this version of Revurb', $config['detail']);

        $this->assertStringContainsString('Run `php artisan config:cache`.', $this->artisan('reverb:start', '--check'));
        $this->artisan('config:cache');
        $this->assertStringNotContainsString('config:cache', $this->artisan('reverb:start', '--check'));
    }

    public function test_one_command_shows_which_keys_are_new(): void
    {
        $this->app->discover(ReverbServiceProvider::class, RevurbServiceProvider::class);
        $this->assertStringContainsString('There is no config/reverb.php', $this->artisan('reverb:config', '--new'));

        $this->app->write('config/reverb.php', (string) file_get_contents(self::REVERBS));
        $shown = $this->artisan('reverb:config', '--new');
        $this->assertStringContainsString('keys of Revurb are not in config/reverb.php', $shown);
        $this->assertStringContainsString("                'drain_seconds' => env('REVURB_DRAIN_SECONDS', 10),", $shown);
        $this->assertStringContainsString("'presence_members' => env('REVURB_PRESENCE_MEMBERS'", $shown);
        $this->assertStringNotContainsString('max_request_size', $shown);

        $this->app->write('config/reverb.php', '<?php return '.var_export(array_replace_recursive(require self::REVERBS, ['apps' => ['apps' => [['limits' => ['presence_members' => null]]]]]), true).';');
        $defaults = json_decode($this->artisan('reverb:config', '--new', '--json'), true);
        $this->assertSame("env('REVURB_BUN')", $defaults['servers.reverb.revurb.bun']);
        $this->assertArrayHasKey('apps.apps.*.limits.client_events_per_second', $defaults);
        $this->assertArrayNotHasKey('apps.apps.*.limits.presence_members', $defaults);

        $this->app->write('config/reverb.php', (string) file_get_contents(self::OURS));
        $this->assertStringContainsString('config/reverb.php has every key of Revurb.', $this->artisan('reverb:config', '--new'));
        $this->assertSame("{}\n", $this->artisan('reverb:config', '--new', '--json'));
    }

    /** @param  list<string>  $packages */
    #[TestWith([[ReverbServiceProvider::class, RevurbServiceProvider::class]])]
    #[TestWith([[RevurbServiceProvider::class, ReverbServiceProvider::class]])]
    public function test_publishing_never_copies_one_file_over_the_other(array $packages): void
    {
        $this->app->discover(...$packages);
        $published = function (string ...$options): string {
            @unlink("{$this->app->base}/config/reverb.php");
            $this->assertSame(1, substr_count($output = $this->artisan('vendor:publish', ...$options), '[config/reverb.php]'), $output);

            return (string) file_get_contents("{$this->app->base}/config/reverb.php");
        };

        foreach ([['--tag=reverb-config'], ['--tag=reverb-config', '--force'], ['--tag=reverb', '--force'], ['--all', '--force'], ['--provider='.ReverbServiceProvider::class]] as $options) {
            $this->assertStringEqualsFile(self::REVERBS, $published(...$options));
        }

        $this->assertStringEqualsFile(self::OURS, $published('--tag=revurb-config'));
    }

    #[TestWith(['reverb'])]
    #[TestWith(['reverb-config'])]
    #[TestWith(['revurb-config'])]
    public function test_without_reverb_the_config_file_has_reverbs_publish_tags_too(string $tag): void
    {
        $this->artisan('vendor:publish', "--tag={$tag}");

        $this->assertFileEquals(self::OURS, "{$this->app->base}/config/reverb.php");
    }

    public function test_each_of_several_apps_has_the_defaults_of_env(): void
    {
        $this->app->environment('REVURB_PRESENCE_MEMBERS=7', 'REVURB_SUBSCRIPTION_COUNT=true');
        $this->app->write('config/reverb.php', <<<'PHP'
            <?php return ['apps' => ['provider' => 'config', 'apps' => [
                ['app_id' => '1', 'key' => 'one', 'secret' => 's'],
                ['app_id' => '2', 'key' => 'two', 'secret' => 's', 'subscription_count' => false, 'limits' => ['presence_members' => 50]],
            ]]];
            PHP);

        $apps = json_decode($this->artisan('reverb:config', '--json'), true)['apps'];

        $this->assertSame([7, 50], array_map(static fn (array $app): int => (int) $app['limits']['presence_members'], $apps));
        $this->assertSame([true, false], array_column($apps, 'subscription_count'));
    }
}
