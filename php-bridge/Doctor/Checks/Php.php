<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Process\PhpFunctions;
use Revurb\Process\Platform;

/**
 * Whether this PHP has the functions that the supervisor needs, which no PHP on Windows has.
 */
final readonly class Php implements Check
{
    public function __construct(
        private PhpFunctions $functions,
        private Platform $platform,
    ) {}

    public function look(): Finding
    {
        $seen = PHP_VERSION.', '.PHP_BINARY;

        if ($this->platform->isWindows()) {
            return Finding::hint(Code::Windows, $seen, Platform::NO_SERVER.'.', ucfirst(Platform::CURE));
        }

        $missing = $this->functions->missing();

        if ($missing === null) {
            return Finding::ok($seen);
        }

        $fault = 'It has no '.implode(', ', $missing->functions).": {$missing->consequence}.";

        return $missing->isFatal
            ? Finding::problem(Code::FunctionsMissing, $seen, $fault, $missing->cure)
            : Finding::warning(Code::FunctionsMissing, $seen, $fault, $missing->cure);
    }
}
