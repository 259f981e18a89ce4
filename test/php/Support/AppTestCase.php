<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Testing\TestCase;
use Illuminate\Support\ServiceProvider;
use Revurb\RevurbServiceProvider;
use Symfony\Component\Console\Output\BufferedOutput;

/**
 * A real Laravel application in a folder of its own, without a skeleton.
 */
abstract class AppTestCase extends TestCase
{
    protected string $base;

    public function createApplication(): Application
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));

        foreach (['bootstrap/cache', 'config', 'storage/framework/views', 'storage/framework/cache', 'storage/logs', 'routes'] as $folder) {
            mkdir("{$this->base}/{$folder}", recursive: true);
        }

        file_put_contents("{$this->base}/.env", $this->env());

        if (($config = $this->reverbConfig()) !== null) {
            file_put_contents("{$this->base}/config/reverb.php", '<?php return '.var_export($config, true).';');
        }

        $app = Application::configure($this->base)->withProviders($this->providers(), withBootstrapProviders: false)->withExceptions()->create();
        $app->make(Kernel::class)->bootstrap();

        return $app;
    }

    protected function tearDown(): void
    {
        parent::tearDown();

        if (property_exists(ServiceProvider::class, 'reloadCommands')) {
            ServiceProvider::$reloadCommands = [];
        }

        (new Filesystem)->deleteDirectory($this->base);
    }

    protected function env(): string
    {
        return "APP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\nREVERB_APP_ID=123456\nREVERB_APP_KEY=the-key\nREVERB_APP_SECRET=the-secret\n";
    }

    /** @return array<string, mixed>|null null: the app has published no config/reverb.php */
    protected function reverbConfig(): ?array
    {
        return null;
    }

    /** @return list<class-string<ServiceProvider>> */
    protected function providers(): array
    {
        return [RevurbServiceProvider::class];
    }

    protected function application(): Application
    {
        return $this->app;
    }

    /**
     * @template T of object
     *
     * @param  class-string<T>  $class
     * @return T
     */
    protected function make(string $class): object
    {
        return $this->application()->make($class);
    }

    /** @param  array<string, mixed>  $config */
    protected function configure(array $config): void
    {
        $this->application()->make('config')->set($config);
    }

    /**
     * @param  array<string, mixed>  $options
     * @return array{int, string} exit code and output
     */
    protected function artisanCall(string $command, array $options = []): array
    {
        $output = new BufferedOutput;
        $code = $this->make(Kernel::class)->call($command, $options, $output);

        return [$code, $output->fetch()];
    }
}
