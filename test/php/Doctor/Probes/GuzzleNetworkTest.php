<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\GuzzleNetwork;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Tests\Support\Port;

final class GuzzleNetworkTest extends TestCase
{
    public function test_a_port_without_a_listener_refuses(): void
    {
        $this->assertError(ConnectionError::Refused, new Address(false, '127.0.0.1', Port::free()));
    }

    public function test_an_unknown_name_is_an_unknown_host(): void
    {
        $this->assertError(ConnectionError::UnknownHost, new Address(false, 'unknown.invalid', 80));
    }

    #[TestWith([false])]
    #[TestWith([true])]
    public function test_a_listener_that_never_answers_is_silent(bool $isSecure): void
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->assertNotFalse($socket);
        $name = (string) stream_socket_get_name($socket, false);

        $this->assertError(ConnectionError::Silent, new Address($isSecure, '127.0.0.1', (int) substr($name, (int) strrpos($name, ':') + 1)));

        fclose($socket);
    }

    private function assertError(ConnectionError $error, Address $address): void
    {
        $network = new GuzzleNetwork(seconds: 0.2);

        foreach ([$network->get($address, '/'), $network->post($address, '/', '{}'), $network->upgrade($address, '/', [])] as $answer) {
            $this->assertInstanceOf(Unreachable::class, $answer);
            $this->assertSame($error, $answer->error);
            $this->assertSame($error === ConnectionError::Silent, $answer->isListening());
        }
    }
}
