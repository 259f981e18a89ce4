<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Illuminate\Contracts\Container\Container;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Probes;
use Revurb\Log\LogLine;
use Throwable;

/**
 * Runs every check, whatever the others find. They share the responses of one set of requests.
 */
final readonly class CheckRunner
{
    /** The checks in an order in which causes come before their effects. */
    private const CHECKS = [
        'php' => Checks\Php::class,
        'bun' => Checks\Bun::class,
        'config' => Checks\Config::class,
        'limits' => Checks\Limits::class,
        'addresses' => Checks\Addresses::class,
        'redis' => Checks\Redis::class,
        'cache' => Checks\Cache::class,
        'port' => Checks\Port::class,
        'server' => Checks\Server::class,
        'supervisor' => Checks\Supervisor::class,
        'publisher' => Checks\Publisher::class,
        'browser' => Checks\Browser::class,
        'round-trip' => Checks\RoundTrip::class,
        'assets' => Checks\Assets::class,
        'queue' => Checks\Queue::class,
        'clock' => Checks\Clock::class,
        'descriptors' => Checks\Descriptors::class,
        'kernel' => Checks\Kernel::class,
    ];

    private const MAX_LENGTH = 500;

    public function __construct(
        private Container $container,
        private Network $network,
    ) {}

    /** @return iterable<string, CheckResult> by the name of the check, each as soon as it is known */
    public function of(DoctorContext $context): iterable
    {
        $probes = new Probes($this->network, $context);
        $given = ['context' => $context, 'probes' => $probes, 'diagnosis' => new Diagnosis($context, $probes)];
        $given['reason'] = $this->container->make(Checks\RedisFault::class, $given);
        // A cache in a Redis that does not answer would block much longer than one PING.
        $given['redis'] = $this->container->make(Checks\Redis::class, $given);
        $given['fault'] = $this->container->make(Checks\CacheFault::class, $given);
        $given['zero'] = $this->container->make(Checks\ZeroConnections::class, $given);

        foreach (self::CHECKS as $name => $class) {
            yield $name => $this->runOne($class, $given)->map(static fn (string $text): string => self::oneLine($context->secrets->mask($text)));
        }
    }

    /** The text may come from a server or a proxy, so it is stripped of control characters and cut to a bounded length. */
    private static function oneLine(string $text): string
    {
        return mb_strimwidth(LogLine::plain((string) preg_replace('/\s+/', ' ', mb_scrub($text))), 0, self::MAX_LENGTH, '…');
    }

    /**
     * @param  class-string<Check>  $class
     * @param  array<string, object>  $given
     */
    private function runOne(string $class, array $given): CheckResult
    {
        try {
            return $this->container->make($class, $given)->run();
        } catch (Throwable $exception) {
            $where = basename($exception->getFile()).':'.$exception->getLine();

            return CheckResult::problem(Code::CheckFailed, 'the check itself failed', "{$exception->getMessage()} ({$where})", 'Fix this error and run reverb:doctor again.');
        }
    }
}
