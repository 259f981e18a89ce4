<?php

declare(strict_types=1);

namespace Revurb\Bun;

interface VersionProbe
{
    /** The version, such as 1.4.5; null if the file is no working Bun. */
    public function versionOf(string $file): ?string;
}
