<?php

declare(strict_types=1);

use Revurb\Restart\HandoffState;
use Revurb\Restart\SystemSelfExec;

/*
 * Replaces itself while an alarm is set, and then prints how many seconds of it are left, for tests.
 */

require __DIR__.'/../../../vendor/autoload.php';

if (getenv(SystemSelfExec::VARIABLE) !== false) {
    exit((string) pcntl_alarm(0));
}

pcntl_alarm(60);
(new SystemSelfExec)->run(new HandoffState(1, '', '/no/such/peer', 0.0), fn (): bool => false);
