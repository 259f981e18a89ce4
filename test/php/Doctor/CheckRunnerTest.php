<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Illuminate\Contracts\Cache\Factory;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use RuntimeException;

final class CheckRunnerTest extends DoctorAppTestCase
{
    public function test_an_exception_in_a_check_is_its_result_and_the_others_run(): void
    {
        $this->redis(null);
        $this->application()->bind(Factory::class, fn () => throw new RuntimeException("No the-secret\nhere \e[31m"));

        $result = $this->found('cache');

        $this->assertSame(Status::Problem, $result->status);
        $this->assertStringStartsWith('No ******** here \x1b[31m (CheckRunnerTest.php:', (string) $result->problem);
        $this->assertSame(Status::Ok, $this->found('port')->status);
    }
}
