<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Process\PhpFunctions;

/**
 * Whether this PHP has the functions that the supervisor needs.
 */
final readonly class Php implements Check
{
    public function __construct(private PhpFunctions $functions) {}

    public function look(): Finding
    {
        $missing = $this->functions->missing();
        $seen = PHP_VERSION.', '.PHP_BINARY;

        if ($missing === null) {
            return Finding::ok($seen);
        }

        $fault = 'It has no '.implode(', ', $missing->functions).": {$missing->consequence}.";

        return $missing->isFatal
            ? Finding::problem(Code::FunctionsMissing, $seen, $fault, $missing->cure)
            : Finding::warning(Code::FunctionsMissing, $seen, $fault, $missing->cure);
    }
}
