<?php

declare(strict_types=1);

use Revurb\Restart\AdoptedProcess;
use Revurb\Restart\HandoffState;
use Revurb\Restart\SystemSelfExec;

/*
 * A supervisor that does nothing but start a server and become a new run of itself, as often as its first argument names, with what a real
 * one has open: a copy of stdout, a log, a connection, the pipes of its server. It writes the number of its descriptors each time. The second
 * argument is the length of a record that goes with each hand-over; one that is too long lets no execution succeed.
 */

require __DIR__.'/../../../vendor/autoload.php';

$handoff = HandoffState::fromJson((string) getenv(SystemSelfExec::VARIABLE));
$runs = (int) ($handoff->address ?? '0') + 1;
$open = [fopen('php://stdout', 'w'), fopen(__FILE__, 'r'), stream_socket_server('tcp://127.0.0.1:0')];
$server = proc_open(['sleep', '600'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
$pid = is_resource($server) ? proc_get_status($server)['pid'] : 0;

if ($handoff !== null) {
    $oldServer = AdoptedProcess::of($handoff->server) ?? throw new RuntimeException("The server of run {$handoff->address} is no child any more.");
    $oldServer->kill();

    while ($oldServer->exitCode() === null) {
        $oldServer->wait(0.001);
    }
}

$read = [$pipes[1]];
$none = [];
// False beyond the reach of select.
$canWait = stream_select($read, $none, $none, 0) === 0;
echo getmypid().' '.count(scandir('/proc/self/fd') ?: []).' '.(int) $canWait."\n";

if ($runs <= (int) $argv[1]) {
    (new SystemSelfExec)->run(new HandoffState($pid, (string) $runs, '/no/such/peer', 0.0, ['text' => str_repeat('x', (int) ($argv[2] ?? 0))]), fn (): bool => false);
    pcntl_sigprocmask(SIG_BLOCK, [], $blocked);
    echo 'failed, '.count($blocked).' signals blocked, server '.(posix_kill($pid, 0) ? 'alive' : 'gone')."\n";
}

posix_kill($pid, SIGKILL);
