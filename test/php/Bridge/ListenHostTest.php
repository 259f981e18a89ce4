<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\ListenHost;

final class ListenHostTest extends TestCase
{
    #[TestWith(['0.0.0.0', '0.0.0.0', '127.0.0.1'])]
    #[TestWith(['::', '::', '::1'])]
    #[TestWith(['[::]', '::', '::1'])]
    #[TestWith(['[::1]', '::1', '::1'])]
    #[TestWith([' 127.0.0.1 ', '127.0.0.1', '127.0.0.1'])]
    #[TestWith(['tcp://[::]', '::', '::1'])]
    #[TestWith(['localhost', 'localhost', 'localhost'])]
    #[TestWith(['', '', '127.0.0.1'])]
    #[TestWith(['http://0.0.0.0', 'http://0.0.0.0', 'http://0.0.0.0'])]
    public function test_a_host_is_parsed_as_the_server_parses_it(string $written, string $bare, string $reachable): void
    {
        $this->assertSame($bare, ListenHost::bare($written));
        $this->assertSame($reachable, ListenHost::reachable($written));
    }
}
