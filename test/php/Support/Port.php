<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

/**
 * A port on which nothing listens, and that no other test is given while this process runs: it is reserved for all
 * processes that ask here, or in `test/e2e/support/ports.ts`, by holding the UDP port of the same number.
 */
final class Port
{
    /** Below the range from which the system takes the ports of outgoing connections: 32768 to 60999 on Linux. */
    private const FIRST = 10_000;

    private const LAST = 19_999;

    /** @var array<int, resource> by port */
    private static array $reservations = [];

    public static function free(): int
    {
        do {
            $port = random_int(self::FIRST, self::LAST);
        } while (! self::reserve($port) || ! self::isFree($port));

        return $port;
    }

    private static function reserve(int $port): bool
    {
        $socket = isset(self::$reservations[$port]) ? false : @stream_socket_server("udp://127.0.0.1:{$port}", flags: STREAM_SERVER_BIND);

        if ($socket !== false) {
            self::$reservations[$port] = $socket;
        }

        return $socket !== false;
    }

    private static function isFree(int $port): bool
    {
        $socket = @stream_socket_server("tcp://0.0.0.0:{$port}");

        return $socket !== false && fclose($socket);
    }
}
