<?php

declare(strict_types=1);

namespace Revurb\Process;

interface VersionProbe
{
    /** Such as 1.4.5; null where the file is no working Bun. */
    public function versionOf(string $file): ?string;
}
