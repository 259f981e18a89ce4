<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * The host on which the server listens, without what people may write around it. The server reads it in the same way, and
 * says what is wrong with it (src/server/address.ts).
 */
final readonly class ListenHost
{
    /** Addresses to listen on, and those by which they are reached from this machine. */
    private const EVERYWHERE = ['0.0.0.0' => '127.0.0.1', '::' => '::1', '' => '127.0.0.1'];

    /** An IPv6 address has no brackets. */
    public static function bare(string $written): string
    {
        return (string) preg_replace(['~^tcp://~i', '~^\[(.*)]$~'], ['', '$1'], trim($written));
    }

    /** By which the server is reached from this machine. */
    public static function reachable(string $written): string
    {
        $host = self::bare($written);

        return self::EVERYWHERE[$host] ?? $host;
    }
}
