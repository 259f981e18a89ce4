<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Exception\InvalidArgumentException;
use GuzzleHttp\Exception\RequestException;
use GuzzleHttp\Psr7\Request;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\FailedTransfer;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Tests\Support\Port;

final class FailedTransferTest extends TestCase
{
    #[TestWith([6, ConnectionError::UnknownHost])]
    #[TestWith([35, ConnectionError::Tls])]
    #[TestWith([60, ConnectionError::Certificate])]
    #[TestWith([77, ConnectionError::Certificate])]
    #[TestWith([1, ConnectionError::NoHttp])]
    #[TestWith([52, ConnectionError::NoHttp])]
    #[TestWith([56, ConnectionError::NoHttp])]
    public function test_the_number_of_curl_is_the_error_and_its_text_the_reason(int $number, ConnectionError $error): void
    {
        $context = ['errno' => $number, 'error' => 'any sentence'];

        $this->assertEquals(new Unreachable($error, 'any sentence'), $this->explain(new RequestException('Any.', new Request('GET', '/'), handlerContext: $context)));
    }

    public function test_a_timeout_is_told_apart_by_whether_there_was_a_connection(): void
    {
        $timedOut = static fn (float $connected): ConnectException => new ConnectException('Any.', new Request('GET', '/'), handlerContext: ['errno' => 28, 'connect_time' => $connected]);
        [$socket, $listening] = self::listener();
        $unreachable = new Address(false, '255.255.255.255', 80);

        $this->assertEquals(new Unreachable(ConnectionError::Silent), $this->explain($timedOut(0.001), $unreachable));
        $this->assertEquals(new Unreachable(ConnectionError::Silent), $this->explain($timedOut(0.0), $listening));
        $this->assertFalse($this->explain($timedOut(0.0), $unreachable)->isListening());
        fclose($socket);
    }

    public function test_without_a_connection_the_operating_system_is_asked_why(): void
    {
        $exception = new ConnectException('Any.', new Request('GET', '/'), handlerContext: ['errno' => 7, 'error' => 'any sentence']);
        $refused = new Address(false, '127.0.0.1', Port::free());

        $this->assertSame(ConnectionError::Refused, $this->explain($exception, $refused)->error);
        $this->assertSame(ConnectionError::Silent, $this->explain($exception, new Address(false, '255.255.255.255', 80))->error);

        // It listens again.
        [$socket, $address] = self::listener();
        $this->assertEquals(new Unreachable(ConnectionError::Refused, 'any sentence'), $this->explain($exception, $address));
        fclose($socket);
    }

    /** As Guzzle throws them where PHP has no extension curl. */
    public function test_without_a_number_the_address_is_asked_again(): void
    {
        $exception = new RequestException('Any sentence.', new Request('GET', '/'));
        [$socket, $address] = self::listener();

        $this->assertSame(ConnectionError::Refused, $this->explain($exception, new Address(false, '127.0.0.1', Port::free()))->error);
        $this->assertSame(ConnectionError::UnknownHost, $this->explain($exception, new Address(false, 'unknown.invalid', 80))->error);
        $this->assertEquals(new Unreachable(ConnectionError::NoHttp, 'Any sentence.'), $this->explain($exception, $address));
        $this->assertEquals(new Unreachable(ConnectionError::Tls, 'Any sentence.'), $this->explain($exception, $address->encrypted()));
        fclose($socket);
    }

    public function test_an_option_that_guzzle_refuses_is_the_reason(): void
    {
        [$socket, $address] = self::listener();
        $exception = new InvalidArgumentException('SSL CA bundle not found: /nowhere.pem');

        $this->assertEquals(new Unreachable(ConnectionError::Tls, 'SSL CA bundle not found: /nowhere.pem'), $this->explain($exception, $address->encrypted()));
        fclose($socket);
    }

    private function explain(ConnectException|RequestException|InvalidArgumentException $exception, Address $address = new Address(false, '127.0.0.1', 1)): Unreachable
    {
        return (new FailedTransfer(seconds: 0.2))->explain($exception, $address);
    }

    /** @return array{resource, Address} */
    private static function listener(): array
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        self::assertNotFalse($socket);
        $name = (string) stream_socket_get_name($socket, false);

        return [$socket, new Address(false, '127.0.0.1', (int) substr($name, (int) strrpos($name, ':') + 1))];
    }
}
