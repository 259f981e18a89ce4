<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * The host on which the server listens, without a scheme or brackets. The server parses it in the same way and reports errors
 * (src/server/address.ts).
 */
final readonly class ListenHost
{
    /** Addresses that mean every interface, and those by which this machine reaches them. */
    private const EVERYWHERE = ['0.0.0.0' => '127.0.0.1', '::' => '::1', '' => '127.0.0.1'];

    /** The host without a scheme, and an IPv6 address without brackets. */
    public static function bare(string $written): string
    {
        return (string) preg_replace(['~^tcp://~i', '~^\[(.*)]$~'], ['', '$1'], trim($written));
    }

    /** The host by which this machine reaches the server. */
    public static function reachable(string $written): string
    {
        $host = self::bare($written);

        return self::EVERYWHERE[$host] ?? $host;
    }
}
