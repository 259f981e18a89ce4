<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\RunningConfiguration;
use Revurb\Doctor\Status;
use Revurb\Status\Fault;
use Revurb\Status\Health;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\Clock;
use Throwable;

/**
 * Judges what the supervisor of the server on this machine has published: its configuration, its last restart, its crashes. `reverb:status`
 * shows all of it, and that of other machines.
 */
final readonly class Supervisor implements Check
{
    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Servers $servers,
        private RunningConfiguration $running,
        private Clock $clock,
        private Redis $redis,
    ) {}

    public function run(): CheckResult
    {
        try {
            // Reading from a Redis that does not answer would block much longer than the check of it.
            $records = $this->redis->ofCache()->status === Status::Problem ? null : $this->servers->all();
        } catch (Throwable) {
            $records = null;
        }

        if ($records === null) {
            return CheckResult::hint(Code::NotJudged, 'what the supervisor has published', 'Not read: the cache cannot be used.', 'See cache.');
        }

        $record = $this->recordOfThisServer($records);

        if ($record === null) {
            return CheckResult::ok('none has published its state on this machine');
        }

        $seen = "pid {$record->pid}, {$record->directory}";
        $isCurrent = $this->running->isCurrent($record);
        $otherAddress = $this->running->otherAddress($record);
        $now = (int) $this->clock->time();
        $faults = Health::faults($record, $isCurrent, $now, $otherAddress);

        if ($faults !== []) {
            $isElsewhere = $otherAddress !== null && Health::isServing($record, $now);

            return $this->judge($seen, $faults[0], $isElsewhere || $this->probes->isServerHere());
        }

        if ($record->state === ServerRecord::STOPPED) {
            return $this->probes->isServerHere()
                ? CheckResult::ok("none of the running server; the last one ({$seen}) was stopped")
                : CheckResult::hint(Code::ServerNotRunning, $seen, 'It was stopped, and no other has started since.', 'See server.');
        }

        return CheckResult::ok(implode(', ', [
            $seen,
            ...$isCurrent === true ? ['runs on the current configuration'] : [],
            ...$record->restart?->seconds === null ? [] : ["last restart took {$record->restart->seconds} s"],
        ]));
    }

    /** Another check reports a server that does not run, and a Redis that does not answer. */
    private function judge(string $seen, Fault $fault, bool $isRunning): CheckResult
    {
        $code = Code::from("supervisor-{$fault->code}");
        $isRedis = $code === Code::SupervisorRedis;

        return match (true) {
            ! $isRunning => CheckResult::hint($code, $seen, $fault->detail, $fault->fix),
            $isRedis && $this->redis->run()->status !== Status::Ok => CheckResult::hint($code, $seen, $fault->detail, 'See redis.'),
            $isRedis => CheckResult::problem($code, $seen, $fault->detail, 'Redis answers this command, and not the server: the network and the access list between them'),
            default => CheckResult::warning($code, $seen, $fault->detail, $fault->fix),
        };
    }

    /**
     * The record that was published last, if several servers had the port in turn on different addresses. Without one that runs, it is that
     * of a server which has yet to be started on the configured address.
     *
     * @param  list<ServerRecord>  $records
     */
    private function recordOfThisServer(array $records): ?ServerRecord
    {
        $here = array_values(array_filter($records, static fn (ServerRecord $record): bool => $record->host === gethostname()));
        usort($here, static fn (ServerRecord $one, ServerRecord $other): int => $other->seen <=> $one->seen);
        $own = array_values(array_filter($here, fn (ServerRecord $record): bool => str_ends_with($record->address, ":{$this->context->server->port}")))[0] ?? null;

        if ($own !== null && $own->state !== ServerRecord::STOPPED) {
            return $own;
        }

        $now = (int) $this->clock->time();
        $elsewhere = array_filter($here, fn (ServerRecord $record): bool => Health::isServing($record, $now) && $this->running->otherAddress($record) !== null);

        return array_values($elsewhere)[0] ?? $own;
    }
}
