<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Context;

use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Context\Address;

final class AddressTest extends TestCase
{
    public function test_an_address_has_urls_a_host_header_and_whether_it_is_local(): void
    {
        $here = Address::here(true, '::', 8080, 'ws/');

        $this->assertSame('https://[::1]:8080/ws/up', $here->url('/up'));
        $this->assertSame('ws://127.0.0.1:80/app/a', Address::here(false, '0.0.0.0', 80, '')->url('/app/a', 'ws'));
        $this->assertFalse($here->verify);
        $this->assertSame('[::1]:8080', $here->hostHeader());
        $this->assertSame('chat.test:443', (new Address(false, 'chat.test', 443))->hostHeader());
        $this->assertSame('chat.test', (new Address(true, 'chat.test', 443))->hostHeader());
        $this->assertSame('[::1]', (new Address(false, '::1', 80))->hostHeader());
        $this->assertTrue($here->isLocal());
        $this->assertTrue((new Address(false, 'localhost', 80))->isLocal());
        $this->assertFalse((new Address(false, 'chat.test', 80))->isLocal());
    }
}
