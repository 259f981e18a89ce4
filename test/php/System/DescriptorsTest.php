<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\Attributes\RequiresOperatingSystemFamily;
use PHPUnit\Framework\TestCase;
use Revurb\Server\Command;
use Revurb\Server\SystemLauncher;
use Revurb\System\Descriptors;

final class DescriptorsTest extends TestCase
{
    #[RequiresOperatingSystemFamily('Linux')]
    public function test_a_process_with_few_open_files_has_enough(): void
    {
        $this->assertNull((new Descriptors)->fault());
        $this->assertNull((new Descriptors)->warning());
    }

    #[RequiresOperatingSystemFamily('Linux')]
    public function test_open_files_reduce_the_number_that_is_left(): void
    {
        $files = array_map(fn (int $i) => fopen(__FILE__, 'r'), range(1, 100));
        $this->assertStringContainsString('descriptors open', (string) (new Descriptors(limit: 110))->fault());
        $this->assertNotNull((new Descriptors(limit: 200))->warning());
        array_map(fn ($file) => $file !== false && fclose($file), $files);
        $this->assertNull((new Descriptors(limit: 110))->fault());
    }

    public function test_without_a_known_number_nothing_is_reported(): void
    {
        $this->assertNull((new Descriptors('/no/such/folder', 1024))->fault());
    }

    public function test_no_server_is_started_without_descriptors_for_its_pipes(): void
    {
        $child = (new SystemLauncher(new Descriptors(limit: 10)))->launch(new Command([PHP_BINARY, '-v'], '/', [], '{}'));
        $lines = $child->wait(0);

        $this->assertStringContainsString('descriptors open, which leaves too few to start a server with', $lines[0]->text);
        $this->assertSame(71, $child->exitCode());
    }
}
