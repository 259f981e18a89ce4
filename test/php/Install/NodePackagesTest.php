<?php

declare(strict_types=1);

namespace Revurb\Tests\Install;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Install\NodePackages;
use Symfony\Component\Process\ExecutableFinder;

final class NodePackagesTest extends TestCase
{
    private const COMPLETE = ['devDependencies' => ['laravel-echo' => '^2.0', 'pusher-js' => '^8.0']];

    private string $base;

    protected function setUp(): void
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir($this->base);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->base);
    }

    private function packages(): NodePackages
    {
        return new NodePackages($this->base, new Filesystem);
    }

    /** @param  array<string, mixed>  $package */
    private function package(array $package): void
    {
        $this->write('package.json', (string) json_encode($package));
    }

    private function write(string $file, string $text = ''): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname("{$this->base}/{$file}"));
        file_put_contents("{$this->base}/{$file}", $text);
    }

    public function test_an_application_without_package_json_needs_no_commands(): void
    {
        $this->assertSame([], $this->packages()->commands());
        $this->assertNull($this->packages()->hooks());
        $this->assertFalse($this->packages()->hasFrontEnd());
    }

    /** @param  list<string>  $commands */
    #[TestWith(['', ['npm install --save-dev laravel-echo pusher-js', 'npm run build']])]
    #[TestWith(['package-lock.json', ['npm install --save-dev laravel-echo pusher-js', 'npm run build']])]
    #[TestWith(['pnpm-lock.yaml', ['pnpm add --save-dev laravel-echo pusher-js', 'pnpm run build']])]
    #[TestWith(['yarn.lock', ['yarn add --dev laravel-echo pusher-js', 'yarn run build']])]
    #[TestWith(['bun.lock', ['bun add --dev laravel-echo pusher-js', 'bun run build']])]
    public function test_the_package_manager_is_the_one_of_the_application(string $lock, array $commands): void
    {
        $this->package(['devDependencies' => ['vite' => '^7.0']]);

        if ($lock !== '') {
            $this->write($lock);
        }

        $this->assertSame($commands, $this->packages()->commands());
        $this->assertSame($commands[1], $this->packages()->build());
        $this->assertStringStartsWith("{$this->packages()->manager()} ", $commands[0]);
    }

    public function test_frameworks_need_their_own_package_of_echo(): void
    {
        $this->package(['dependencies' => ['vue' => '^3.5', 'pusher-js' => '^8.0']]);

        $this->assertSame('npm install --save-dev laravel-echo @laravel/echo-vue', $this->packages()->commands()[0]);
        $this->assertSame('@laravel/echo-vue', $this->packages()->hooks());
        $this->assertFalse($this->packages()->hasEcho());
    }

    public function test_packages_that_are_listed_and_not_installed_are_installed(): void
    {
        $this->package(self::COMPLETE);

        $this->assertTrue($this->packages()->hasEcho());
        $this->assertSame(['npm install', 'npm run build'], $this->packages()->commands());
    }

    public function test_assets_that_are_older_than_the_variables_are_built(): void
    {
        $this->package(self::COMPLETE);
        mkdir("{$this->base}/node_modules");
        $this->assertSame(['npm run build'], $this->packages()->commands());

        $this->write('.env');
        $this->write('public/build/manifest.json');
        $this->assertSame([], $this->packages()->commands());

        touch("{$this->base}/.env", time() + 10);
        clearstatcache();
        $this->assertSame(['npm run build'], $this->packages()->commands());

        $this->write('public/hot');
        $this->assertSame([], $this->packages()->commands());
    }

    public function test_a_package_manager_is_looked_up_in_path(): void
    {
        $finder = $this->createStub(ExecutableFinder::class);
        $finder->method('find')->willReturnCallback(static fn (string $name): ?string => $name === 'pnpm' ? '/usr/bin/pnpm' : null);
        $packages = new NodePackages($this->base, new Filesystem, $finder);

        $this->assertFalse($packages->isManagerInstalled());
        $this->write('pnpm-lock.yaml');
        $this->assertTrue($packages->isManagerInstalled());
    }

    public function test_an_invalid_package_json_counts_as_empty(): void
    {
        $this->write('package.json', 'nonsense');

        $this->assertSame('npm install --save-dev laravel-echo pusher-js', $this->packages()->commands()[0]);
    }
}
