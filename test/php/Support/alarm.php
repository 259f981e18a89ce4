<?php

declare(strict_types=1);

use Revurb\Process\HandOver;
use Revurb\Process\SystemReexecution;

/*
 * Executes itself anew while an alarm is set, and then writes how many seconds of it are left: for tests.
 */

require __DIR__.'/../../../vendor/autoload.php';

if (getenv(SystemReexecution::VARIABLE) !== false) {
    exit((string) pcntl_alarm(0));
}

pcntl_alarm(60);
(new SystemReexecution)->run(new HandOver(1, '', '/no/such/peer', 0.0), fn (): bool => false);
