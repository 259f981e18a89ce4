<?php

declare(strict_types=1);

namespace Revurb\Doctor;

/**
 * Errors of the operating system by their numbers on Linux, on macOS and the BSDs, and on Windows. PHP has constants for them in the
 * extension sockets alone.
 */
enum SystemError
{
    case AddressInUse;
    case ConnectionRefused;
    case PermissionDenied;

    public static function tryFromNumber(int $number): ?self
    {
        return match ($number) {
            98, 48, 10048 => self::AddressInUse,
            111, 61, 10061 => self::ConnectionRefused,
            13, 10013 => self::PermissionDenied,
            default => null,
        };
    }
}
