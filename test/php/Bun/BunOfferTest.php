<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunOffer;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;

final class BunOfferTest extends TestCase
{
    #[TestWith(['Darwin', 'arm64', 'Bun 1.4.5 is needed. Download it (about 41 MB) to storage/revurb?'])]
    #[TestWith(['Darwin', 'x86_64', 'Bun 1.4.5 is needed. Download it (about 44 MB) to storage/revurb?'])]
    #[TestWith(['Linux', 'riscv64', null])]
    #[TestWith(['BSD', 'amd64', null])]
    public function test_the_question_has_the_size_of_the_archive_for_this_machine(string $family, string $machine, ?string $question): void
    {
        $this->assertSame($question, $this->offer(new BunTarget($family, $machine))->question());
    }

    public function test_every_machine_for_which_there_is_a_bun_has_a_size(): void
    {
        $targets = [];

        foreach (['x86_64', 'aarch64'] as $machine) {
            foreach (['Linux' => ['/lib/ld-musl-x86_64.so.1', '/lib64/ld-linux-x86-64.so.2'], 'Darwin' => ['']] as $family => $loaders) {
                foreach ($loaders as $loader) {
                    file_put_contents($php = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6)), \Revurb\Tests\Support\Elf::file($loader === '' ? null : $loader));
                    $targets[] = ($target = new BunTarget($family, $machine, $php))->name();
                    $this->assertMatchesRegularExpression('/about [45]\d MB/', (string) $this->offer($target)->question());
                    unlink($php);
                }
            }
        }

        $this->assertEqualsCanonicalizing(array_keys(BunRelease::TARGETS), $targets);
    }

    private function offer(BunTarget $target): BunOffer
    {
        return new BunOffer(new BunStore('/no/such/folder', new BunRelease('1.4.5'), $target), $target);
    }
}
