<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;

/**
 * Every connection takes a file descriptor: how many fit under the limit of the running server, or else of this shell.
 */
final readonly class Descriptors implements Check
{
    /** Descriptors that the server reserves for itself (src/server/descriptors.ts). */
    private const RESERVE = 128;

    /** The default limit of a shell on most systems. */
    private const USUAL_LIMIT = 1024;

    /** The proposed limit; a larger one is a multiple of it. */
    private const PROPOSED = 65536;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private string $proc = '/proc',
    ) {}

    public function run(): CheckResult
    {
        $listener = $this->probes->listener();
        $limits = $listener->limits ?? (string) @file_get_contents("{$this->proc}/self/limits");
        $whose = $listener === null ? 'this shell (no running server was found)' : "the running server (pid {$listener->pid})";

        if (preg_match('/^Max open files\s+(\S+)/m', $limits, $soft) !== 1) {
            return CheckResult::ok('not known on this system: ulimit -n shows it');
        }

        if ($soft[1] === 'unlimited') {
            return CheckResult::ok("unlimited for {$whose}");
        }

        return $this->judge((int) $soft[1], $whose);
    }

    private function judge(int $limit, string $whose): CheckResult
    {
        $sockets = max(1, $limit - self::RESERVE);
        $wanted = $this->maxConnections();
        $seen = "{$limit} for {$whose}";

        return match (true) {
            $wanted !== null && $wanted > $sockets => CheckResult::warning(Code::DescriptorsFew, $seen, "{$sockets} sockets fit, and the apps may have {$wanted} (max_connections).", self::fix($wanted)),
            $wanted === null && $limit <= self::USUAL_LIMIT => CheckResult::warning(Code::DescriptorsFew, $seen, "{$sockets} sockets fit, and more are refused.", self::fix(self::USUAL_LIMIT)),
            default => CheckResult::ok("{$seen}: {$sockets} sockets fit"),
        };
    }

    /** @param  int  $sockets  connections that have to fit */
    private static function fix(int $sockets): string
    {
        $limit = self::PROPOSED * (int) ceil(($sockets + self::RESERVE) / self::PROPOSED);

        return "LimitNOFILE={$limit} (systemd), minfds={$limit} in [supervisord] (Supervisor), ulimit -n {$limit} (shell)";
    }

    /** The sum of `max_connections` of all apps; null if one has no limit. */
    private function maxConnections(): ?int
    {
        $sum = 0;

        foreach ($this->context->apps() as $app) {
            if (! is_numeric($app['max_connections'] ?? null)) {
                return null;
            }

            $sum += (int) $app['max_connections'];
        }

        return $this->context->apps() === [] ? null : $sum;
    }
}
