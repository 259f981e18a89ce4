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
    #[TestWith(['Darwin', 'arm64', 'Bun 1.4.5 is needed. Download it (about 50 MB) to storage/revurb?'])]
    #[TestWith(['Linux', 'riscv64', null])]
    #[TestWith(['BSD', 'amd64', null])]
    public function test_bun_is_offered_to_machines_for_which_there_is_one(string $family, string $machine, ?string $question): void
    {
        $this->assertSame($question, (new BunOffer(new BunStore('/no/such/folder', new BunRelease('1.4.5'), new BunTarget($family, $machine))))->question());
    }
}
