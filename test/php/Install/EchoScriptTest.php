<?php

declare(strict_types=1);

namespace Revurb\Tests\Install;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Install\EchoScript;
use Revurb\Install\NodePackages;

final class EchoScriptTest extends TestCase
{
    private string $base;

    private EchoScript $echo;

    protected function setUp(): void
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        $this->echo = new EchoScript("{$this->base}/resources/js", new NodePackages($this->base, new Filesystem), new Filesystem);
        $this->write('package.json', '{"devDependencies": {"vite": "^7.0"}}');
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->base);
    }

    private function write(string $file, string $text): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname("{$this->base}/{$file}"));
        file_put_contents("{$this->base}/{$file}", $text);
    }

    private function read(string $file): string
    {
        return (string) file_get_contents("{$this->base}/resources/js/{$file}");
    }

    /** The bootstrap.js of Laravel 10 has it in comments. */
    #[TestWith(['app.js', "import './bootstrap';\n", true])]
    #[TestWith(['bootstrap.js', "// import Echo from 'laravel-echo';\n", true])]
    #[TestWith(['bootstrap.js', "window.x = 1;\nimport Echo from 'laravel-echo';\n", false])]
    #[TestWith(['app.tsx', "import { configureEcho } from \"@laravel/echo-react\";\n", false])]
    #[TestWith(['echo.js', '', false])]
    public function test_echo_is_missing_where_no_script_imports_it(string $file, string $text, bool $isMissing): void
    {
        $this->write("resources/js/{$file}", $text);

        $this->assertSame($isMissing, $this->echo->isMissing());
    }

    #[TestWith(['{"dependencies": {"laravel-echo": "^2.0"}}'])]
    #[TestWith(['{"devDependencies": {"@laravel/echo-vue": "^2.0"}}'])]
    public function test_an_application_that_lists_echo_has_it_wherever_its_script_is(string $package): void
    {
        $this->write('resources/js/app.js', '');
        $this->assertTrue($this->echo->isMissing());

        $this->write('package.json', $package);
        $this->assertFalse($this->echo->isMissing());
    }

    public function test_echo_is_not_missing_without_a_front_end(): void
    {
        $this->assertFalse($this->echo->isMissing());

        $this->write('resources/js/app.js', '');
        unlink("{$this->base}/package.json");
        $this->assertFalse($this->echo->isMissing());
    }

    public function test_it_is_written_as_laravel_writes_it_and_imported_in_the_first_script(): void
    {
        $this->write('resources/js/app.js', "import './bootstrap';\n");
        $this->write('resources/js/bootstrap.js', "window.x = 1;\n\n");

        $this->assertSame('resources/js/bootstrap.js', $this->echo->add());

        $this->assertStringContainsString("broadcaster: 'reverb'", $this->read('echo.js'));
        $this->assertStringStartsWith("window.x = 1;\n", $this->read('bootstrap.js'));
        $this->assertStringEndsWith("import './echo';\n", $this->read('bootstrap.js'));
        $this->assertSame("import './bootstrap';\n", $this->read('app.js'));
        $this->assertFalse($this->echo->isMissing());
    }

    public function test_a_front_end_with_hooks_or_other_scripts_is_left_unchanged(): void
    {
        $this->write('resources/js/main.js', '');
        $this->assertNull($this->echo->add());

        $this->write('resources/js/app.js', '');
        $this->write('package.json', '{"dependencies": {"vue": "^3.5"}}');
        $this->assertNull($this->echo->add());

        $this->assertSame('', $this->read('app.js'));
        $this->assertFileDoesNotExist("{$this->base}/resources/js/echo.js");
    }
}
