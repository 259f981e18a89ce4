<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Illuminate\Config\Repository;
use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunOffer;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Console\BunForStart;

final class BunForStartTest extends TestCase
{
    private const QUESTION = 'Bun 1.4.5 is needed. Download it (about 50 MB) to storage/revurb?';

    private string $base;

    /** @var list<array{string, string}> the questions with their hints */
    private array $asked = [];

    private int $installed = 0;

    protected function setUp(): void
    {
        $this->base = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        mkdir($this->base);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->base);
    }

    private function bun(string $file, string $version = '1.4.5'): string
    {
        (new Filesystem)->ensureDirectoryExists(dirname($file = "{$this->base}/{$file}"));
        file_put_contents($file, "#!/bin/sh\necho {$version}\n");
        chmod($file, 0755);

        return $file;
    }

    private function find(bool $canAsk = true, bool $isWanted = true, bool $works = true, ?string $named = null, string $machine = 'arm64'): string
    {
        $store = new BunStore("{$this->base}/storage/revurb", new BunRelease('1.4.5'), $target = new BunTarget('Darwin', $machine));
        $start = new BunForStart(
            new BunFinder(new BunVersionProbe, $this->base, path: "{$this->base}/bin", store: $store),
            new ReverbConfig(new Repository(['reverb' => ['servers' => ['reverb' => ['revurb' => ['bun' => $named]]]]])),
            new BunOffer($store),
        );

        return $start->find(
            $canAsk,
            function (string $question, string $hint) use ($isWanted): bool {
                $this->asked[] = [$question, $hint];

                return $isWanted;
            },
            function () use ($works): bool {
                $this->installed++;

                if ($works) {
                    $this->bun('storage/revurb/bun-1.4.5-darwin-aarch64');
                }

                return $works;
            },
        )->file;
    }

    private function messageOf(callable $find): string
    {
        try {
            $find();
        } catch (BunNotFound $exception) {
            return $exception->getMessage();
        }

        $this->fail('It was found all the same.');
    }

    public function test_bun_is_downloaded_after_a_yes_and_used(): void
    {
        $this->assertSame("{$this->base}/storage/revurb/bun-1.4.5-darwin-aarch64", $this->find());
        $this->assertSame([[self::QUESTION, '']], $this->asked);
    }

    public function test_the_hint_says_what_was_found_and_why_it_is_not_used(): void
    {
        $old = $this->bun('bin/bun', '1.2.0');

        $this->assertSame("{$this->base}/storage/revurb/bun-1.4.5-darwin-aarch64", $this->find());
        $this->assertSame([[self::QUESTION, "{$old} is 1.2.0"]], $this->asked);
    }

    public function test_nothing_is_asked_where_bun_is_found(): void
    {
        $file = $this->bun('bin/bun');

        $this->assertSame($file, $this->find());
        $this->assertSame([[], 0], [$this->asked, $this->installed]);
    }

    public function test_after_a_no_or_a_failed_download_the_error_names_the_command(): void
    {
        $sentence = 'Bun 1.4.0 or newer was not found: run `php artisan reverb:bun --install` in the folder of the application.';

        $this->assertSame($sentence, $this->messageOf(fn (): string => $this->find(isWanted: false)));
        $this->assertSame(0, $this->installed);
        $this->assertSame($sentence, $this->messageOf(fn (): string => $this->find(works: false)));
        $this->assertSame(1, $this->installed);
    }

    public function test_nothing_is_asked_where_nobody_answers_or_a_download_would_not_help(): void
    {
        $this->assertStringContainsString('was not found', $this->messageOf(fn (): string => $this->find(canAsk: false)));
        $this->assertStringContainsString('names /no/such/bun', $this->messageOf(fn (): string => $this->find(named: '/no/such/bun')));
        $this->assertStringContainsString('was not found', $this->messageOf(fn (): string => $this->find(machine: 'riscv64')));
        $this->assertSame([[], 0], [$this->asked, $this->installed]);
    }
}
