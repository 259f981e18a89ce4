<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;

/**
 * PHP without the extensions pcntl and posix: as on Windows, and in many container images.
 */
final class WithoutExtensionsTest extends RealAppTestCase
{
    /** @param  list<string>  $command */
    #[TestWith([['reverb:config'], 0, '"app_id":"123456"'])]
    #[TestWith([['reverb:install', '--no-interaction'], 0, 'Reverb installed'])]
    #[TestWith([['reverb:install', '--stubs=all'], 0, 'deploy/revurb/systemd/revurb.service'])]
    #[TestWith([['reverb:doctor'], 1, 'php artisan reverb:start'])]
    #[TestWith([['reverb:start', '--check'], 0, ''])]
    #[TestWith([['reverb:restart'], 0, ''])]
    #[TestWith([['reverb:bun'], 1, 'Tested with'])]
    #[TestWith([['about', '--only=revurb'], 0, 'Bun'])]
    public function test_no_command_calls_a_missing_function(array $command, int $expectedCode, string $expected): void
    {
        $functions = array_merge(...array_map(static fn (string $extension): array => get_extension_funcs($extension) ?: [], ['pcntl', 'posix']));
        $process = $this->app->php('-d', 'disable_functions='.implode(',', $functions), 'artisan', ...$command);
        $code = $process->wait();
        $output = $process->getOutput().$process->getErrorOutput();

        $this->assertSame($expectedCode, $code, $output);
        $this->assertStringContainsString($expected, str_replace('": "', '":"', $output));
        $this->assertStringNotContainsString('undefined function', $output);
        $this->assertStringNotContainsString('undefined function', $this->app->log());
    }

    /**
     * No Bun could be run, so that none is looked for.
     *
     * @param  list<string>  $options
     */
    #[TestWith([[], 0, false])]
    #[TestWith([['--bun'], 1, true])]
    public function test_install_without_proc_open_names_it_and_downloads_no_bun(array $options, int $expectedCode, bool $isToDo): void
    {
        $this->app->write('package.json', '{}');
        mkdir("{$this->app->base}/routes");
        $process = $this->app->php('-d', 'disable_functions=proc_open', 'artisan', 'reverb:install', '--no-interaction', ...$options);

        $this->assertSame($expectedCode, $process->wait(), $process->getOutput());
        $this->assertStringContainsString('This PHP has no proc_open', $process->getOutput());
        $this->assertSame($isToDo, str_contains($process->getOutput(), "as Bun was not downloaded:\n\n    php artisan reverb:bun --install\n"));
        $this->assertMatchesRegularExpression('/as (npm was not found|PHP cannot run npm without proc_open):\s+npm install --save-dev/', $process->getOutput());
    }
}
