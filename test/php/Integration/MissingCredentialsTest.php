<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Laravel\Reverb\ReverbServiceProvider;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\RevurbServiceProvider;
use Revurb\Tests\Support\RealAppTestCase;

/**
 * An application that broadcasts through Reverb and whose .env has no REVERB_* lines: a fresh clone, or one before its
 * first `reverb:install`. Laravel makes the broadcaster at every start, for routes/channels.php.
 */
final class MissingCredentialsTest extends RealAppTestCase
{
    private const SENTENCE = 'the "reverb" connection of config/broadcasting.php has no key, secret, app_id. '
        .'Set REVERB_APP_KEY, REVERB_APP_SECRET, REVERB_APP_ID in .env (`php artisan reverb:install` does)';

    protected function setUp(): void
    {
        parent::setUp();
        $this->app->write('booted.php', <<<'PHP'
            <?php
            use Illuminate\Support\Facades\{Artisan, Broadcast, Route};
            config(['broadcasting.default' => 'reverb']);
            Broadcast::channel('orders.{id}', fn () => true);
            Broadcast::resolveAuthenticatedUserUsing(fn () => ['id' => '7']);
            Broadcast::routes(['middleware' => []]);
            Broadcast::userRoutes(['middleware' => []]);
            Route::get('/page', fn () => 'the page');
            Artisan::command('say', fn () => Broadcast::on('news')->as('said')->sendNow());
            PHP);
        $this->app->write('request.php', <<<'PHP'
            <?php
            require __DIR__.'/autoload.php';
            $response = (require __DIR__.'/bootstrap/app.php')->make(Illuminate\Contracts\Http\Kernel::class)->handle(
                Illuminate\Http\Request::create($argv[2], $argv[1], ['socket_id' => '1.2', 'channel_name' => 'private-orders.1']),
            );
            echo $response->getStatusCode(), ' ', $response->getContent();
            PHP);
        $env = (string) file_get_contents("{$this->app->base}/.env");
        $this->app->write('.env', (string) preg_replace('/^REVERB_APP_.*\n/m', '', $env));
    }

    /** @return array{int|null, string} */
    private function artisan(string ...$arguments): array
    {
        $process = $this->app->artisan(...$arguments);

        return [$process->wait(), (string) preg_replace('/\s+/', ' ', $process->getOutput().$process->getErrorOutput())];
    }

    private function request(string $method, string $path): string
    {
        $process = $this->app->php('request.php', $method, $path);
        $process->wait();

        return $process->getOutput();
    }

    public function test_pages_and_commands_work_without_credentials(): void
    {
        $this->assertSame('200 the page', $this->request('GET', '/page'));
        $this->assertSame(0, $this->artisan('list')[0]);
        $this->assertSame(0, $this->artisan('config:cache')[0]);
        $this->assertSame('200 the page', $this->request('GET', '/page'));
    }

    public function test_publishing_and_authorizing_name_the_missing_credentials(): void
    {
        [$code, $output] = $this->artisan('say');
        $this->assertSame(1, $code);
        $this->assertStringContainsString(str_replace(' ', '', self::SENTENCE), str_replace(' ', '', $output));

        foreach (['/broadcasting/auth', '/broadcasting/user-auth'] as $path) {
            $this->app->write('storage/logs/laravel.log', '');
            $this->assertStringStartsWith('500 ', $this->request('POST', $path));
            $this->assertStringContainsString(self::SENTENCE, $this->app->log());
        }
    }

    public function test_install_adds_missing_credentials(): void
    {
        $this->assertSame(0, $this->artisan('reverb:install')[0]);
        $this->assertStringStartsWith('200 {"auth":"', $this->request('POST', '/broadcasting/user-auth'));
    }

    public function test_start_and_doctor_name_missing_credentials(): void
    {
        [$code, $output] = $this->artisan('reverb:start');
        $this->assertSame(78, $code);
        $this->assertStringContainsString('apps.0.key', $output);

        [$code, $output] = $this->artisan('reverb:doctor', '--json');
        $checks = array_column(json_decode($output, true)['checks'], null, 'name');
        $this->assertSame(1, $code);
        $this->assertStringContainsString('REVERB_APP_', $checks['config']['fix']);
        $this->assertSame('problem', $checks['publisher']['status']);
    }

    /** @return iterable<string, array{string, string, string}> */
    public static function parts(): iterable
    {
        yield 'no key' => ['KEY', 'key', 'REVERB_APP_KEY'];
        yield 'no secret' => ['SECRET', 'secret', 'REVERB_APP_SECRET'];
        yield 'no id' => ['ID', 'app_id', 'REVERB_APP_ID'];
    }

    #[DataProvider('parts')]
    public function test_one_missing_credential_is_named(string $missing, string $key, string $variable): void
    {
        $all = ['KEY', 'SECRET', 'ID'];
        $this->app->environment(...array_map(static fn (string $name): string => "REVERB_APP_{$name}=x", array_diff($all, [$missing])));

        $this->assertStringContainsString("hasno{$key}.Set{$variable}in.env", str_replace(' ', '', $this->artisan('say')[1]));
    }

    /** @param  list<string>  $packages */
    #[TestWith([[ReverbServiceProvider::class, RevurbServiceProvider::class]])]
    #[TestWith([[RevurbServiceProvider::class, ReverbServiceProvider::class]])]
    public function test_missing_credentials_are_named_beside_reverb_too(array $packages): void
    {
        $this->app->discover(...$packages);

        $this->assertSame(0, $this->artisan('list')[0]);
        $this->assertSame('200 the page', $this->request('GET', '/page'));

        [$code, $output] = $this->artisan('reverb:start');
        $this->assertSame(78, $code);
        $this->assertStringContainsString('apps.0.key', $output);
    }
}
