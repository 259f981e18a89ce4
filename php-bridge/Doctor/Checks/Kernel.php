<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;

/**
 * Whether a server that takes over the port also gets the connections that wait for the previous one.
 */
final readonly class Kernel implements Check
{
    private const SWITCH = 'net.ipv4.tcp_migrate_req';

    private const SINCE = '5.14';

    private const FAULT = 'Connections that wait in the accept queue while the server restarts may be reset.';

    public function __construct(
        private string $proc = '/proc',
        private string $system = PHP_OS_FAMILY,
        private ?string $release = null,
    ) {}

    public function run(): CheckResult
    {
        if ($this->system !== 'Linux') {
            return CheckResult::ok("{$this->system}: nothing to set");
        }

        $value = @file_get_contents("{$this->proc}/sys/".strtr(self::SWITCH, '.', '/'));

        return match (true) {
            $value === false => $this->unknown($this->release ?? php_uname('r')),
            trim($value) === '1' => CheckResult::ok(self::SWITCH.' is 1'),
            default => CheckResult::hint(Code::AcceptQueueReset, self::SWITCH.' is '.trim($value), self::FAULT, '/etc/sysctl.d/60-reverb.conf: '.self::SWITCH.'=1, and then: sysctl --system'),
        };
    }

    private function unknown(string $release): CheckResult
    {
        return version_compare($release, self::SINCE, '<')
            ? CheckResult::hint(Code::AcceptQueueReset, "Linux {$release}", self::FAULT, 'Linux '.self::SINCE.' or newer, and '.self::SWITCH.'=1')
            : CheckResult::ok("Linux {$release}: ".self::SWITCH.' cannot be seen from here');
    }
}
