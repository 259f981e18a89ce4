<?php

declare(strict_types=1);

use Revurb\Restart\SystemSelfExec;

/*
 * A supervisor that checks whether a new run of itself could start. With `--check` it is that new run: it takes as long, and ends with the
 * exit code, that its arguments name. The third argument is the number of the question that calls the check off.
 */

require __DIR__.'/../../../vendor/autoload.php';

if (in_array('--check', $argv, true)) {
    usleep((int) (1e6 * (float) $argv[1]));
    exit((int) $argv[2]);
}

$questions = 0;
echo json_encode((new SystemSelfExec)->fault(function () use (&$questions, $argv): bool {
    return ++$questions >= (int) ($argv[3] ?? PHP_INT_MAX);
}));
