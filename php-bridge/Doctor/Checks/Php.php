<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\System\PhpFunctions;
use Revurb\System\Platform;

/**
 * Whether this PHP has the functions that the supervisor needs. No PHP on Windows has them.
 */
final readonly class Php implements Check
{
    public function __construct(
        private PhpFunctions $functions,
        private Platform $platform,
    ) {}

    public function run(): CheckResult
    {
        $seen = PHP_VERSION.', '.PHP_BINARY;

        if ($this->platform->isWindows()) {
            return CheckResult::hint(Code::Windows, $seen, Platform::NO_SERVER.'.', ucfirst(Platform::FIX));
        }

        $missing = $this->functions->missing();

        if ($missing === null) {
            return CheckResult::ok($seen);
        }

        $fault = 'It has no '.implode(', ', $missing->functions).": {$missing->consequence}.";

        return $missing->isFatal
            ? CheckResult::problem(Code::FunctionsMissing, $seen, $fault, $missing->fix)
            : CheckResult::warning(Code::FunctionsMissing, $seen, $fault, $missing->fix);
    }
}
