<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use RuntimeException;

/**
 * Settings with which no server can reach the Redis for scaling. The message does not contain their values, which may be secrets.
 */
final class UnusableRedis extends RuntimeException
{
    public const PLACE = 'config/reverb.php: servers.reverb.scaling.server (REDIS_URL, REDIS_HOST, REDIS_PORT)';

    public static function socket(): self
    {
        return new self('Scaling reaches Redis over TCP, and not over a Unix socket. Give it a host and a port ('.self::PLACE.').');
    }

    public static function url(): self
    {
        return new self('An address of the Redis for scaling is malformed. Special characters of a password are percent-encoded in a URL ('.self::PLACE.').');
    }

    public static function host(): self
    {
        return new self('One of the hosts of Redis has no name ('.self::PLACE.').');
    }
}
