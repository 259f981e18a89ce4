<?php

declare(strict_types=1);

namespace Revurb\Doctor;

interface Check
{
    /** It may throw: that is a finding too. */
    public function run(): CheckResult;
}
