<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Illuminate\Foundation\Application;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\Document;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Browser;
use Revurb\Doctor\Checks\Publisher as PublisherCheck;
use Revurb\Doctor\Checks\ZeroConnections;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\Publisher;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Secrets;
use Revurb\Doctor\Status;
use Revurb\Environment\Environment;
use Revurb\Tests\Support\EnvText;

/**
 * A setup that is right, to take one thing away from.
 */
abstract class DoctorTestCase extends TestCase
{
    protected const ENV = <<<'ENV'
        REVERB_APP_ID=1
        REVERB_APP_KEY=key
        REVERB_APP_SECRET=the-secret
        REVERB_HOST=chat.test
        REVERB_PORT=80
        REVERB_SCHEME=http
        VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"
        VITE_REVERB_HOST="${REVERB_HOST}"
        VITE_REVERB_PORT="${REVERB_PORT}"
        VITE_REVERB_SCHEME=http
        ENV;

    /**
     * @param  array<string, mixed>  $server  in the document
     * @param  array<string, mixed>  $app  in the document
     */
    protected function configured(
        ?Publisher $publisher = null,
        ?Browsers $browsers = null,
        array $server = [],
        array $app = [],
        string $path = '',
        bool $isComplete = true,
        string $env = self::ENV,
    ): DoctorContext {
        $apps = [['app_id' => '1', 'key' => 'key', 'secret' => 'the-secret', ...$app]];

        return new DoctorContext(
            Address::here(false, '0.0.0.0', 8080, $path),
            $isComplete ? new Document(['version' => 1, 'debug' => false, 'events' => [], 'server' => $server, 'scaling' => [], 'apps' => $apps]) : null,
            $isComplete ? '' : 'No document.',
            'config/reverb.php',
            $isComplete ? $publisher ?? new Publisher(new Address(false, 'chat.test', 80), '1', 'key', 'the-secret') : null,
            $isComplete ? '' : 'No publisher.',
            $isComplete ? $browsers ?? new Browsers(new Address(false, 'chat.test', 80), 'key', 'http://chat.test') : null,
            $this->env($env),
            new Secrets(['the-secret']),
        );
    }

    protected function env(string $text = self::ENV): Environment
    {
        return EnvText::environment($text);
    }

    protected function publisher(FakeNetwork $network, ?DoctorContext $context = null): CheckResult
    {
        $context ??= $this->configured();
        $probes = new Probes($network, $context);

        return (new PublisherCheck($context, $probes, new Diagnosis($context, $probes)))->run();
    }

    protected function browser(FakeNetwork $network, ?DoctorContext $context = null): CheckResult
    {
        $context ??= $this->configured();
        $probes = new Probes($network, $context);

        return (new Browser($context, $probes, new Diagnosis($context, $probes), $this->zero($context, $network)))->run();
    }

    protected function zero(DoctorContext $context, ?FakeNetwork $network = null): ZeroConnections
    {
        return new ZeroConnections($context, new Application('/nowhere'), $this->diagnosis($context, $network));
    }

    protected function diagnosis(DoctorContext $context, ?FakeNetwork $network = null): Diagnosis
    {
        return new Diagnosis($context, new Probes($network ?? new FakeNetwork, $context));
    }

    protected function assertOk(CheckResult $result): void
    {
        $this->assertSame(Status::Ok, $result->status, $result->detail());
    }

    protected function assertFound(Status $status, string $fault, string $fix, CheckResult $result): void
    {
        $this->assertSame($status, $result->status, $result->detail());
        $this->assertStringContainsString($fault, (string) $result->problem);
        $this->assertStringContainsString($fix, (string) $result->fix);
    }
}
