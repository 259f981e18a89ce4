<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Revurb\Doctor\Code;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;

final class CodeTest extends LocalServerTestCase
{
    public function test_every_code_is_documented(): void
    {
        $documentation = (string) file_get_contents(dirname(__DIR__, 3).'/docs/doctor.md');

        foreach (Code::cases() as $code) {
            $this->assertStringContainsString("`{$code->value}`", $documentation);
        }

        preg_match_all('/^\| `[a-z-]+` \| ((?:`[a-z-]+`(?:, )?)+) \|$/m', $documentation, $rows);
        preg_match_all('/`([a-z-]+)`/', implode(' ', $rows[1]), $documented);
        $this->assertEqualsCanonicalizing(array_unique($documented[1]), array_unique(array_column(Code::cases(), 'value')));
    }
}
