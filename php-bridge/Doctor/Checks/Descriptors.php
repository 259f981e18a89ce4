<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Hops\Hops;
use Revurb\Doctor\Setup\Setup;

/**
 * Every socket is a file descriptor: how many fit under the limit of the running server, or else of this shell.
 */
final readonly class Descriptors implements Check
{
    /** What the server keeps for itself (src/server/descriptors.ts). */
    private const RESERVE = 128;

    /** What a shell has where nobody has thought of it. */
    private const USUAL_LIMIT = 1024;

    /** What is proposed, or the next multiple of it that is enough. */
    private const PROPOSED = 65536;

    public function __construct(
        private Setup $setup,
        private Hops $hops,
        private string $proc = '/proc',
    ) {}

    public function look(): Finding
    {
        $listener = $this->hops->listener();
        $limits = $listener->limits ?? (string) @file_get_contents("{$this->proc}/self/limits");
        $whose = $listener === null ? 'this shell (no running server was found)' : "the running server (pid {$listener->pid})";

        if (preg_match('/^Max open files\s+(\S+)/m', $limits, $soft) !== 1) {
            return Finding::ok('not known on this system: ulimit -n says it');
        }

        if ($soft[1] === 'unlimited') {
            return Finding::ok("unlimited for {$whose}");
        }

        return $this->judge((int) $soft[1], $whose);
    }

    private function judge(int $limit, string $whose): Finding
    {
        $sockets = max(1, $limit - self::RESERVE);
        $wanted = $this->maxConnections();
        $seen = "{$limit} for {$whose}";

        return match (true) {
            $wanted !== null && $wanted > $sockets => Finding::warning(Code::DescriptorsFew, $seen, "{$sockets} sockets fit, and the apps may have {$wanted} (max_connections).", self::fix($wanted)),
            $wanted === null && $limit <= self::USUAL_LIMIT => Finding::warning(Code::DescriptorsFew, $seen, "{$sockets} sockets fit, and more are refused.", self::fix(self::USUAL_LIMIT)),
            default => Finding::ok("{$seen}: {$sockets} sockets fit"),
        };
    }

    /** @param  int  $sockets  that have to fit */
    private static function fix(int $sockets): string
    {
        $limit = self::PROPOSED * (int) ceil(($sockets + self::RESERVE) / self::PROPOSED);

        return "LimitNOFILE={$limit} (systemd), minfds={$limit} in [supervisord] (Supervisor), ulimit -n {$limit} (shell)";
    }

    /** Of all apps; null where one has no limit. */
    private function maxConnections(): ?int
    {
        $sum = 0;

        foreach ($this->setup->apps() as $app) {
            if (! is_numeric($app['max_connections'] ?? null)) {
                return null;
            }

            $sum += (int) $app['max_connections'];
        }

        return $this->setup->apps() === [] ? null : $sum;
    }
}
