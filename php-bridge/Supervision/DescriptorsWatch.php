<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Display;
use Revurb\System\Descriptors;

/**
 * Warns once when few descriptors are left; whatever opens them continues to do so.
 */
final class DescriptorsWatch
{
    private bool $hasWarned = false;

    public function __construct(
        private readonly Descriptors $descriptors,
        private readonly Display $display,
    ) {}

    public function check(): void
    {
        $warning = $this->hasWarned ? null : $this->descriptors->warning();

        if ($warning !== null) {
            $this->hasWarned = true;
            $this->display->warn($warning, 'descriptors-low');
        }
    }
}
