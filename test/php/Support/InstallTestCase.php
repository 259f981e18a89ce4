<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Illuminate\Console\Command;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Filesystem\Filesystem;
use Revurb\Bun\BunFinder;
use Revurb\Bun\VersionProbe;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\BufferedOutput;

/**
 * `reverb:install` in an application, with a stand-in for Bun and for `reverb:bun --install`.
 */
abstract class InstallTestCase extends AppTestCase
{
    protected const BOOTSTRAP = <<<'PHP'
        <?php

        return Illuminate\Foundation\Application::configure(basePath: dirname(__DIR__))
            ->withRouting(
                commands: __DIR__.'/../routes/console.php',
            )
            ->create();
        PHP;

    /** The version of every file that is called bun. */
    private ?string $bunVersion = null;

    /** How often Bun was downloaded. */
    protected int $downloads = 0;

    /** @var Closure(): int what the download does: an exit code */
    protected Closure $download;

    protected function setUp(): void
    {
        parent::setUp();
        file_put_contents("{$this->base}/bootstrap/app.php", self::BOOTSTRAP);
        $this->bun('1.4.5');
        $this->download = function (): int {
            $this->bun('1.4.5');

            return 0;
        };

        $this->register(new class(fn (): int => $this->downloaded()) extends Command
        {
            protected $signature = 'reverb:bun {--install} {--force}';

            /** @param  Closure(): int  $do */
            public function __construct(private readonly Closure $do)
            {
                parent::__construct();
            }

            public function handle(): int
            {
                return $this->option('install') && ! $this->option('force') ? ($this->do)() : 2;
            }
        });
    }

    protected function env(): string
    {
        return "APP_NAME=Test\nBROADCAST_CONNECTION=log # for now\nREVERB_APP_KEY=mine\nREVERB_APP_SECRET= # ask the operator\n";
    }

    protected function register(Command $command): void
    {
        $kernel = $this->make(Kernel::class);
        $this->assertInstanceOf(\Illuminate\Foundation\Console\Kernel::class, $kernel);
        $kernel->registerCommand($command);
    }

    /** @param  string|null  $version  null: there is none */
    protected function bun(?string $version, ?string $named = null): void
    {
        $this->bunVersion = $version;
        $file = "{$this->base}/node_modules/.bin/bun";

        if ($version !== null) {
            (new Filesystem)->ensureDirectoryExists(dirname($file));
            file_put_contents($file, '');
        } else {
            @unlink($file);
        }

        $this->application()->instance(BunFinder::class, new BunFinder(new class(fn (): ?string => $this->bunVersion) implements VersionProbe
        {
            /** @param  Closure(): ?string  $version */
            public function __construct(private readonly Closure $version) {}

            public function versionOf(string $file): ?string
            {
                return ($this->version)();
            }
        }, $this->base, $named));
    }

    /**
     * Without a terminal, as in a script.
     *
     * @param  array<string, mixed>  $options
     * @return array{int, string}
     */
    protected function install(array $options = []): array
    {
        return $this->artisanCall('reverb:install', ['--no-interaction' => true, ...$options]);
    }

    /**
     * @param  list<string>  $answers  to the questions
     * @param  array<string, mixed>  $options
     * @return array{int, string} exit code and output, in one line
     */
    protected function answer(array $answers, array $options = []): array
    {
        $stream = fopen('php://memory', 'r+');
        $this->assertIsResource($stream);
        fwrite($stream, implode("\n", $answers)."\n");
        rewind($stream);
        $input = new ArrayInput(['command' => 'reverb:install', ...$options]);
        $input->setStream($stream);
        $output = new BufferedOutput;
        $code = $this->make(Kernel::class)->handle($input, $output);

        return [$code, (string) preg_replace('/\s+/', ' ', $output->fetch())];
    }

    protected function envText(): string
    {
        return (string) file_get_contents("{$this->base}/.env");
    }

    protected function channels(): void
    {
        file_put_contents("{$this->base}/routes/channels.php", '<?php');
    }

    /** @return array<string, string> every file of the application, but for its logs and caches */
    protected function files(): array
    {
        $files = [];

        foreach ((new Filesystem)->allFiles($this->base, hidden: true) as $file) {
            $files[$file->getRelativePathname()] = $file->getContents();
        }

        return array_filter($files, static fn (string $name): bool => ! str_starts_with($name, 'storage/'), ARRAY_FILTER_USE_KEY);
    }

    private function downloaded(): int
    {
        $this->downloads++;

        return ($this->download)();
    }
}
