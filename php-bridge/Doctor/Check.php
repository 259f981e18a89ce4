<?php

declare(strict_types=1);

namespace Revurb\Doctor;

interface Check
{
    /** Runs the check. An exception is a result too: `CheckRunner` reports it. */
    public function run(): CheckResult;
}
