<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\SystemError;

final class SystemErrorTest extends TestCase
{
    #[TestWith([98, SystemError::AddressInUse])]
    #[TestWith([48, SystemError::AddressInUse])]
    #[TestWith([10048, SystemError::AddressInUse])]
    #[TestWith([111, SystemError::ConnectionRefused])]
    #[TestWith([61, SystemError::ConnectionRefused])]
    #[TestWith([10061, SystemError::ConnectionRefused])]
    #[TestWith([13, SystemError::PermissionDenied])]
    #[TestWith([10013, SystemError::PermissionDenied])]
    #[TestWith([0, null])]
    #[TestWith([110, null])]
    public function test_the_number_of_each_system_is_the_error(int $number, ?SystemError $error): void
    {
        $this->assertSame($error, SystemError::tryFromNumber($number));
    }
}
