<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Apps\AppSource;
use Revurb\Tests\Support\CommandTestCase;
use Revurb\Tests\Support\FailingSource;
use Revurb\Tests\Support\UnmadeSource;

/**
 * What commands print when the apps of the application cannot be used.
 */
final class UnusableAppsTest extends CommandTestCase
{
    /** @param  array<string, mixed>  $options */
    #[TestWith(['reverb:start'])]
    #[TestWith(['reverb:start', ['--check' => true]])]
    #[TestWith(['reverb:config'])]
    public function test_start_fails_with_one_sentence_if_apps_are_not_nested(string $command, array $options = []): void
    {
        $launcher = $this->launcher();
        $this->configure(['reverb.apps.apps' => ['app_id' => '1', 'key' => 'k', 'secret' => 'hush']]);

        [$code, $output] = $this->artisanCall($command, $options);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('config/reverb.php: apps.apps is one app, and must be a list of apps', $output);
        $this->assertStringNotContainsString('hush', $output);
        $this->assertSame([], $launcher->launched);
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith(['reverb:start', []])]
    #[TestWith(['reverb:start', ['--check' => true]])]
    #[TestWith(['reverb:config', []])]
    public function test_a_failing_source_of_apps_is_one_sentence(string $command, array $options): void
    {
        $launcher = $this->launcher();

        foreach ([FailingSource::class, UnmadeSource::class] as $class) {
            $this->application()->bind(AppSource::class, $class);

            [$code, $output] = $this->artisanCall($command, $options);
            $output = (string) preg_replace('/\s+/', ' ', $output);

            $this->assertSame(1, $code);
            $this->assertStringContainsString("ERROR The apps cannot be read, because {$class} failed: The <database> is down (".class_basename($class).'.php:', $output);
            $this->assertStringNotContainsString('#0', $output);
        }

        $this->assertSame([], $launcher->launched);
        $this->assertStringContainsString('[previous exception] [object] (RuntimeException(code: 0): The <database>', (string) file_get_contents("{$this->base}/storage/logs/laravel.log"));
    }

    #[TestWith(['reverb:start'])]
    #[TestWith(['reverb:config'])]
    public function test_an_app_provider_of_reverbs_is_one_sentence(string $command): void
    {
        $this->launcher();
        $this->configure(['reverb.apps.provider' => 'database']);

        [$code, $output] = $this->artisanCall($command);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('names the app provider [database]', $output);
    }
}
