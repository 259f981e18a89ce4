<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\Exception\InvalidArgumentException;
use GuzzleHttp\Exception\RequestException;
use GuzzleHttp\Exception\TransferException;
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
    /** Guzzle 7 and Guzzle 8 have different exceptions, and the same message in them. */
    private static function curlError(int $number): TransferException
    {
        return new TransferException("cURL error {$number}: any sentence (see https://curl.se/libcurl/c/libcurl-errors.html) for http://127.0.0.1/");
    }

    #[TestWith([6, ConnectionError::UnknownHost])]
    #[TestWith([35, ConnectionError::Tls])]
    #[TestWith([60, ConnectionError::Certificate])]
    #[TestWith([77, ConnectionError::Certificate])]
    #[TestWith([1, ConnectionError::NoHttp])]
    #[TestWith([52, ConnectionError::NoHttp])]
    #[TestWith([56, ConnectionError::NoHttp])]
    public function test_the_number_of_curl_is_the_error_and_its_text_the_reason(int $number, ConnectionError $error): void
    {
        $this->assertEquals(new Unreachable($error, 'any sentence'), $this->explain(self::curlError($number)));
    }

    public function test_a_timeout_is_told_apart_by_whether_there_was_a_connection(): void
    {
        [$socket, $listening] = self::listener();

        $this->assertEquals(new Unreachable(ConnectionError::Silent), $this->explain(self::curlError(28), $listening));
        $this->assertFalse($this->explain(self::curlError(28), new Address(false, '255.255.255.255', 80))->isListening());
        fclose($socket);
    }

    public function test_without_a_connection_the_operating_system_is_asked_why(): void
    {
        $exception = self::curlError(7);
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

    private function explain(GuzzleException $exception, Address $address = new Address(false, '127.0.0.1', 1)): Unreachable
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
