<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\TestCase;
use Revurb\Bridge\Overrides;

final class OverridesTest extends TestCase
{
    public function test_an_empty_option_counts_as_not_given(): void
    {
        $overrides = Overrides::fromOptions(['host' => '', 'port' => '6001', 'path' => null, 'debug' => true, 'ansi' => true]);

        $this->assertEquals(new Overrides(port: '6001', debug: true), $overrides);
    }
}
