<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\TestCase;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Report;
use Revurb\Doctor\Status;

final class ReportTest extends TestCase
{
    public function test_the_verdict_is_that_of_the_worst_result(): void
    {
        $ok = CheckResult::ok('a');
        $warning = CheckResult::warning(Code::MixedContent, 'b', 'fault', 'fix');
        $problem = CheckResult::problem(Code::NotPassedOn, 'c', 'fault', 'fix');

        $this->assertSame('healthy', (new Report(['a' => $ok]))->verdict());
        $this->assertSame('warnings', (new Report(['a' => $ok, 'b' => $warning]))->verdict());
        $this->assertSame('healthy', (new Report(['a' => $ok, 'b' => CheckResult::hint(Code::AcceptQueueReset, 'd', 'fault', 'fix')]))->verdict());
        $this->assertSame('broken', (new Report(['a' => $warning, 'b' => $problem]))->verdict());
        $this->assertSame(['b'], (new Report(['a' => $warning, 'b' => $problem]))->names(Status::Problem));
        $this->assertSame(
            ['verdict' => 'broken', 'checks' => [['name' => 'a', 'status' => 'ok', 'code' => 'ok', 'detail' => 'a', 'fix' => null], ['name' => 'b', 'status' => 'problem', 'code' => 'not-passed-on', 'detail' => 'c: fault', 'fix' => 'fix']]],
            (new Report(['a' => $ok, 'b' => $problem]))->toArray(),
        );
    }
}
