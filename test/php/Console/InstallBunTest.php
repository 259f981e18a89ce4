<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunTarget;
use Revurb\System\Platform;
use Revurb\Tests\Support\InstallTestCase;
use RuntimeException;

/**
 * That `reverb:install` downloads Bun with `reverb:bun --install`, which is a stand-in here.
 */
final class InstallBunTest extends InstallTestCase
{
    private const QUESTION = 'is needed. Download it (about ';

    private const REMAINING = "    php artisan reverb:bun --install\n\n  Next:\n";

    protected function setUp(): void
    {
        parent::setUp();
        $this->channels();
    }

    public function test_a_bun_that_can_be_used_is_reported_and_nothing_is_downloaded(): void
    {
        $this->bun('1.4.5');

        [$code, $output] = $this->install(['--bun' => true]);

        $this->assertSame(0, $code);
        $this->assertMatchesRegularExpression('~Bun \.+ 1\.4\.5, node_modules/\.bin/bun~', $output);
        $this->assertSame(0, $this->downloads);
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([['--no-interaction' => true]])]
    #[TestWith([['--bun' => true]])]
    public function test_bun_is_downloaded_without_a_question(array $options): void
    {
        $this->bun(null);

        [$code, $output] = $this->answer([], $options);

        $this->assertSame(0, $code, $output);
        $this->assertSame(1, $this->downloads);
        $this->assertStringNotContainsString(self::QUESTION, $output);
        $this->assertMatchesRegularExpression('~Bun \.+ 1\.4\.5, node_modules~', $output);
        $this->assertStringNotContainsString('To do first', $output);
    }

    #[TestWith(['yes', 1])]
    #[TestWith(['', 1])]
    #[TestWith(['no', 0])]
    public function test_in_a_terminal_it_is_asked_for_and_yes_is_the_default(string $answer, int $downloads): void
    {
        $this->bun(null);

        [$code, $output] = $this->answer([$answer], ['--connection' => true]);

        $this->assertSame(0, $code, $output);
        $this->assertStringContainsString(self::QUESTION, $output);
        $this->assertSame($downloads, $this->downloads);
        $this->assertSame($downloads === 0, str_contains($output, 'To do first, as Bun was not downloaded: php artisan reverb:bun --install Next:'));
    }

    public function test_a_declined_download_is_no_failure(): void
    {
        $this->bun(null);

        [$code, $output] = $this->install(['--no-bun' => true]);

        $this->assertSame(0, $code);
        $this->assertSame(0, $this->downloads);
        $this->assertStringContainsString("  To do first, as Bun was not downloaded:\n\n".self::REMAINING, $output);
    }

    /** @param  array<string, mixed>  $options */
    #[TestWith([[], 0])]
    #[TestWith([['--bun' => true], 1])]
    public function test_a_download_that_fails_is_a_failure_only_if_it_was_demanded(array $options, int $expected): void
    {
        $this->bun(null);
        $this->download = static fn (): int => 1;

        [$code, $output] = $this->install($options);

        $this->assertSame($expected, $code);
        $this->assertStringContainsString("  To do first, as Bun could not be downloaded:\n\n".self::REMAINING, $output);
        $this->assertStringContainsString('BROADCAST_CONNECTION=reverb', $this->envText());
        $this->assertStringContainsString('Reverb installed successfully.', $output);
    }

    public function test_an_exception_of_the_download_is_shown_and_the_command_continues(): void
    {
        $this->bun(null);
        $this->download = static fn (): never => throw new RuntimeException('There is no <info>space</info>.');

        [$code, $output] = $this->install();

        $this->assertSame(0, $code);
        $this->assertStringContainsString('There is no <info>space</info>.', $output);
        $this->assertStringContainsString(self::REMAINING, $output);
    }

    /** It may be for another platform: only that it runs counts. */
    public function test_a_download_that_does_not_run_remains_to_do(): void
    {
        $this->bun(null);
        $this->download = static fn (): int => 0;

        [$code, $output] = $this->install(['--bun' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString(self::REMAINING, $output);
    }

    public function test_a_bun_that_is_too_old_is_replaced(): void
    {
        $this->bun('1.3.0');

        [$code, $output] = $this->install();

        $this->assertSame(0, $code);
        $this->assertSame(1, $this->downloads);
        $this->assertMatchesRegularExpression('~Bun \.+ node_modules/\.bin/bun is 1\.3\.0\s.*Bun \.+ 1\.4\.5,~s', $output);
    }

    /**
     * No other Bun is used than the one that is named.
     *
     * @param  array<string, mixed>  $options
     */
    #[TestWith([[], 0])]
    #[TestWith([['--bun' => true], 1])]
    public function test_a_named_bun_that_cannot_be_used_is_reported_and_none_is_downloaded(array $options, int $expected): void
    {
        $this->bun(null, '/no/such/bun');

        [$code, $output] = $this->install($options);

        $this->assertSame($expected, $code);
        $this->assertSame(0, $this->downloads);
        $this->assertStringContainsString('names /no/such/bun, which is not there:', (string) preg_replace('/\s+/', ' ', $output));
        $this->assertStringNotContainsString('To do first', $output);
    }

    /**
     * @param  array<string, mixed>  $options
     */
    #[TestWith([[], 0])]
    #[TestWith([['--bun' => true], 1])]
    public function test_for_a_machine_without_a_bun_nothing_is_downloaded_or_asked(array $options, int $expected): void
    {
        $this->bun(null);
        $this->application()->instance(BunTarget::class, new BunTarget('Linux', 'riscv64'));

        [$code, $output] = $this->answer([], ['--connection' => true, ...$options]);

        $this->assertSame($expected, $code, $output);
        $this->assertSame(0, $this->downloads);
        $this->assertStringContainsString('There is no Bun to download for this machine.', $output);
        $this->assertStringNotContainsString(self::QUESTION, $output);
        $this->assertStringNotContainsString('To do first', $output);
    }

    public function test_on_windows_none_is_downloaded_as_the_server_runs_in_wsl(): void
    {
        $this->bun(null);
        $this->application()->instance(Platform::class, new Platform('Windows'));

        [$code, $output] = $this->install();

        $this->assertSame(0, $code);
        $this->assertStringContainsString("  Next, in WSL, as the server does not run on Windows itself:\n\n    php artisan reverb:start\n", $output);

        [$code, $output] = $this->install(['--bun' => true]);
        $this->assertSame(1, $code);
        $this->assertStringContainsString("  To do first, as Bun is needed in WSL, where the server runs:\n\n    php artisan reverb:bun --install\n", $output);
        $this->assertSame(0, $this->downloads);
    }

    public function test_it_is_downloaded_without_an_env_file_too(): void
    {
        $this->bun(null);
        unlink("{$this->base}/.env");
        $this->download = static fn (): int => 1;

        [$code, $output] = $this->install(['--bun' => true]);

        $this->assertSame(1, $code);
        $this->assertStringContainsString("  To do first, as Bun could not be downloaded:\n\n    php artisan reverb:bun --install\n\n  Next:\n\n    php artisan reverb:install\n", $output);
    }

    public function test_a_second_run_downloads_and_asks_nothing(): void
    {
        $this->bun(null);
        $this->install();

        [$code, $output] = $this->answer([]);

        $this->assertSame(0, $code);
        $this->assertSame(1, $this->downloads);
        $this->assertStringNotContainsString(self::QUESTION, $output);
        $this->assertStringNotContainsString('Would you like', $output);
    }
}
